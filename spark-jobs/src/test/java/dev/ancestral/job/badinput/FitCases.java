package dev.ancestral.job.badinput;

import static dev.ancestral.job.badinput.BadInput.wrong;

import java.util.List;

/** Sound things that do not belong together. */
final class FitCases {
  private FitCases() {}

  static List<BadInput> all() {
    return List.of(
        wrong(
            "data of other levels",
            "evaluate --model @nb --data @bytes --output @out",
            4,
            "events differ: the manifest has 4×3×1 with 256 levels, the model was trained on"
                + " 4×3×1 with 2 levels; pass the matching data"),
        wrong(
            "data of another shape",
            "evaluate --model @nb --data @rows --split train --output @out",
            4,
            "events differ"),
        wrong("data of real numbers", "evaluate --model @nb --data @real --output @out", 4, "real"),
        wrong(
            "sequences for images",
            "evaluate --model @nb --data @chords --output @out",
            4,
            "differ"),
        wrong(
            "text of another vocabulary",
            "evaluate --model @speller --data @others --output @out",
            4,
            "events differ",
            "(code 2 is 'd', not 'c')"),
        wrong(
            "data without the labels",
            "evaluate --model @classifier --data @data --output @out",
            4,
            "events differ"),
        wrong(
            "an exact value of a bound",
            "evaluate --model @vae --data @data --estimator exact --output @out",
            4,
            "estimator is exact, which vae does not have; it has iwae, elbo"),
        wrong(
            "a bound of an exact value",
            "evaluate --model @nb --data @data --estimator ais --output @out",
            4,
            "estimator is ais, which naive-bayes does not have"),
        wrong(
            "a kernel density of discrete data",
            "evaluate --model @vae --data @data --estimator kde --output @out",
            4,
            "a kernel density is one over real numbers"),
        wrong(
            "hidden states of a model without",
            "evaluate --model @nb --data @data --hidden-states --output @out",
            4,
            "leave out --hidden-states"),
        wrong(
            "a label for a model without",
            "generate --model @vae --count 5 --seed 1 --label 1 --output @out",
            2,
            "label is 1"),
        wrong(
            "a label out of range",
            "generate --model @classifier --count 5 --seed 1 --label 3 --output @out",
            2,
            "label is 3; "),
        wrong(
            "a length for images",
            "generate --model @nb --count 5 --seed 1 --length 7 --output @out",
            2,
            "length is 7"),
        wrong(
            "sound of images",
            "generate --model @nb --count 5 --seed 1 --as wav --output @out",
            4,
            "samples as wav were asked for, but a sample is no sound",
            "leave out --as"),
        wrong(
            "a family for other events",
            w -> w.model("chords", "model: {family: naive-bayes, likelihood: bernoulli}"),
            "train --spec @spec.yaml",
            4,
            "naive-bayes models events of fixed shape"),
        wrong(
            "another spec's run",
            w ->
                w.model(
                    "data", "model: {family: naive-bayes, likelihood: bernoulli, smoothing: 3}"),
            "train --spec @spec.yaml --output @nb",
            2,
            "holds the run of another spec or of other data"),
        wrong(
            "another evaluation's output",
            "evaluate --model @nb --data @data --limit 7 --output @nb-test",
            2,
            "holds another evaluation",
            "--overwrite"),
        wrong(
            "another generation's output",
            "generate --model @nb --count 20 --seed 2 --output @samples",
            2,
            "holds another generation",
            "--overwrite"),
        wrong(
            "reports of two kinds",
            "compare @nb-test @vae-test",
            4,
            "kinds differ: A has exact, B has lower-bound"),
        wrong(
            "reports of two splits",
            "compare @nb-test @valid-test",
            4,
            "data differ: A has split test with SHA-256"),
        wrong(
            "reports of unlike numbers of examples",
            "compare @nb-test @half-test",
            4,
            "numbers of examples differ: A has 60, B has 30"),
        wrong(
            "a report of a two-sample test",
            "compare @nb-test @pair-test",
            4,
            "is of a two-sample test, which has no log-likelihood"),
        wrong(
            "a report that was edited",
            w -> w.edit("nb-test/report.json", text -> text.replaceFirst("-\\d", "-0")),
            "compare @nb-test @half-test",
            3,
            "report.json is damaged or was edited"),
        wrong(
            "a forged report of an unknown estimator",
            w -> w.forge("nb-test/report.json", json -> json.put("estimator", "oracle")),
            "compare @nb-test @half-test",
            3,
            "is of the unknown estimator oracle"),
        wrong(
            "a forged report with a word for a number",
            w -> w.forge("nb-test/report.json", json -> json.put("standard_error", "none")),
            "compare @nb-test @half-test",
            3,
            "is no report of an evaluation"),
        wrong(
            "scores of examples that were changed",
            w -> w.flip("half-test/per-example.parquet", 200),
            "compare @half-test @half-test",
            3,
            "per-example.parquet is damaged or was changed"),
        wrong(
            "promotion by the report of another model",
            "promote --candidate @vae --current @link --report @nb-test --against @nb-test",
            4,
            "the evaluation given by --report is of"),
        wrong(
            "promotion by bounds that are not equally tight",
            "promote --candidate @vae --current @link --report @vae3-test --against @vae-test",
            4,
            "the evaluations cannot decide: A is by iwae with 3 samples, B by iwae with 2 samples"),
        wrong(
            "promotion of what is not better",
            "promote --candidate @nb --current @link --report @nb-test --against @nb-test",
            8,
            "nothing was changed"));
  }
}
