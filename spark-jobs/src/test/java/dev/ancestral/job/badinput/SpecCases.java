package dev.ancestral.job.badinput;

import static dev.ancestral.job.badinput.BadInput.wrong;

import dev.ancestral.model.EventSpec;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Wrong specs: unknown, missing, mistyped, contradictory, absurd, hostile. */
final class SpecCases {
  private static final String TRAIN = "train --spec @spec.yaml";
  private static final String VAE = "model: {family: vae, hidden: [4], latent: 2}\n";

  private SpecCases() {}

  static List<BadInput> all() {
    return List.of(
        wrong("unknown key", w -> w.add("foo: 1"), TRAIN, 2, "spec.yaml:6: foo is not a known key"),
        wrong(
            "unknown key in a section",
            w -> w.add("train: {epoch: 3}"),
            TRAIN,
            2,
            "train.epoch is not a known key; did you mean epochs? Known here are [epochs, "),
        wrong(
            "unknown key of the family",
            w -> w.replace("spec.yaml", "bernoulli}", "bernoulli, depth: 3}"),
            TRAIN,
            2,
            "model.depth is not a known key"),
        wrong(
            "key of another family",
            w -> w.replace("spec.yaml", "bernoulli}", "bernoulli, latent: 3}"),
            TRAIN,
            2,
            "model.latent is not a known key"),
        wrong(
            "seed missing",
            w -> w.replace("spec.yaml", "seed: 1\n", ""),
            TRAIN,
            2,
            "seed is missing; it must be a whole number"),
        wrong(
            "model missing",
            w -> w.replace("spec.yaml", "model: {family: naive-bayes, likelihood: bernoulli}", ""),
            TRAIN,
            2,
            "model.family is missing"),
        wrong(
            "output missing",
            w -> w.edit("spec.yaml", text -> text.replaceAll("output: .*\n", "")),
            TRAIN,
            2,
            "output is missing"),
        wrong(
            "data.path missing",
            w -> w.edit("spec.yaml", text -> text.replaceAll("data: .*\n", "")),
            TRAIN,
            2,
            "data.path is missing"),
        wrong(
            "everything missing",
            w -> w.write("spec.yaml", "{}"),
            TRAIN,
            2,
            "has 5 problems",
            "name is missing",
            "seed is missing",
            "output is missing",
            "data.path is missing",
            "model.family is missing"),
        wrong(
            "seed is a word",
            w -> w.replace("spec.yaml", "seed: 1", "seed: one"),
            TRAIN,
            2,
            "spec.yaml:2: seed is one; it must be a whole number"),
        wrong(
            "seed is a fraction",
            w -> w.replace("spec.yaml", "seed: 1", "seed: 1.5"),
            TRAIN,
            2,
            "seed is 1.5; it must be a whole number"),
        wrong(
            "seed beyond 64 bits",
            w -> w.replace("spec.yaml", "seed: 1", "seed: 99999999999999999999"),
            TRAIN,
            2,
            "seed is 1.0E20; it must be a whole number"),
        wrong(
            "a list where a map must be",
            w -> w.edit("spec.yaml", text -> text.replaceAll("data: .*", "data: [1, 2]")),
            TRAIN,
            2,
            "data is [1, 2]; it must be a map of keys and values"),
        wrong(
            "a list with a word among numbers",
            w -> w.model("data", "model: {family: vae, hidden: [200, many]}"),
            TRAIN,
            2,
            "model.hidden is [200, many]; it must be a list of whole numbers"),
        wrong(
            "learning rate is .nan",
            w -> w.model("data", VAE + "train: {optimizer: {name: adam, learningRate: .nan}}"),
            TRAIN,
            2,
            "train.optimizer.learningRate is .nan; it must be a number"),
        wrong(
            "blank name",
            w -> w.replace("spec.yaml", "name: good", "name: '  '"),
            TRAIN,
            2,
            "name is blank; it must be a text"),
        wrong(
            "a choice that is none",
            w -> w.add("train: {strategy: federated}"),
            TRAIN,
            2,
            "train.strategy is federated; it must be one of"),
        wrong(
            "a precision that is none",
            w -> w.add("train: {precision: float16}"),
            TRAIN,
            2,
            "train.precision is float16; it must be one of float32, bfloat16"),
        wrong(
            "an estimator that is none",
            w -> w.add("evaluate: {estimator: best}"),
            TRAIN,
            2,
            "evaluate.estimator is best; it must be one of"),
        wrong(
            "temperature below 0",
            w -> w.add("generate: {temperature: -1}"),
            TRAIN,
            2,
            "generate.temperature is -1; it must be a number"),
        wrong(
            "steps and epochs together",
            w -> w.model("data", VAE + "train: {steps: 10, epochs: 2}"),
            TRAIN,
            2,
            "train.steps is 10; it must be absent where epochs is given"),
        wrong(
            "compression without shared gradients",
            w -> w.model("data", VAE + "train: {compression: ternary}"),
            TRAIN,
            2,
            "train.compression is ternary; it must be none unless strategy is gradient-sharing"),
        wrong(
            "labels and hidden classes together",
            w ->
                w.model(
                    "labelled",
                    "model: {family: naive-bayes, likelihood: bernoulli, classes: label,"
                        + " components: 3}"),
            TRAIN,
            2,
            "model.components is 3; it must be 1 where classes is label"),
        wrong(
            "an optimizer for a family that brings two",
            w ->
                w.model(
                    "data",
                    "model: {family: gan, network: mlp, hidden: [4], latent: 2}\n"
                        + "train: {optimizer: {name: adam}}"),
            TRAIN,
            2,
            "train.optimizer is given, but the players of gan bring their own"),
        wrong(
            "batch size 0",
            w -> w.add("train: {batchSize: 0}"),
            TRAIN,
            2,
            "train.batchSize is 0; it must be a whole number from 1"),
        wrong(
            "batch size of a million million",
            w -> w.add("train: {batchSize: 1000000000000}"),
            TRAIN,
            2,
            "train.batchSize is 1000000000000; it must be a whole number from 1 to"),
        wrong(
            "a hundred million states",
            w -> w.model("chords", "model: {family: hmm, states: 100000000, emissions: bernoulli}"),
            TRAIN,
            2,
            "model.states is 100000000; it must be a whole number from 1 to 10000"),
        wrong(
            "more statistics than an array holds",
            w -> {
              EventSpec wide = EventSpec.discrete(1 << 24, 4);
              w.fixtures().stored(w.at("wide"), "train", Workshop.batch(wide, 4, 1), 4);
              w.model(
                  "wide",
                  "model: {family: naive-bayes, likelihood: categorical, components: 1000}");
            },
            TRAIN,
            2,
            "take about 201326592000 counts; at most"),
        wrong(
            "a network of four terabytes",
            w ->
                w.model(
                    "data",
                    "model: {family: vae, hidden: [1048576, 1048576], latent: 2}\n"
                        + "train: {steps: 1, batchSize: 2, replicas: 1, transport: spark}"),
            TRAIN,
            5,
            "memory ran out"),
        wrong(
            "more replicas than slots for gloo",
            w -> w.model("data", VAE + "train: {replicas: 64, transport: gloo, steps: 1}"),
            TRAIN,
            5,
            "64"),
        wrong(
            "family that is none",
            w -> w.model("data", "model: {family: diffusion}"),
            TRAIN,
            2,
            "model.family is 'diffusion'; it must be one of gan, hmm"),
        wrong(
            "family of a class that is not there",
            w -> w.model("data", "model: {family: com.example.Missing}"),
            TRAIN,
            2,
            "com.example.Missing, which is on no class path; bring the jar that holds it by"
                + " --jars"),
        wrong(
            "family of a class that is no family",
            w -> w.model("data", "model: {family: java.lang.Runtime}"),
            TRAIN,
            2,
            "java.lang.Runtime, which is no family"),
        wrong(
            "a division that is more than the whole",
            w ->
                w.edit(
                    "spec.yaml",
                    text ->
                        text.replaceAll(
                            "data: .*",
                            "data: {prepare: [{format: synthetic, count: 10, split:"
                                + " 'auto=0.9,0.9'}]}")),
            "pipeline --spec @spec.yaml",
            2,
            "data.prepare[0].split is auto=0.9,0.9; it must be"),
        wrong(
            "a format that is none",
            w ->
                w.edit(
                    "spec.yaml",
                    text -> text.replaceAll("data: .*", "data: {prepare: [{format: tiff}]}")),
            "pipeline --spec @spec.yaml",
            2,
            "data.prepare[0].format is tiff; it must be one of idx"),
        wrong("no file", "train --spec @nothing.yaml", 2, "there is no spec at", "check --spec"),
        wrong("a folder", "train --spec @data", 2, "there is no spec at"),
        wrong(
            "empty file", w -> w.write("spec.yaml", ""), TRAIN, 2, "the file is empty; it must be"),
        wrong(
            "a list at the top",
            w -> w.write("spec.yaml", "- name: x\n"),
            TRAIN,
            2,
            "the file must be a map of keys and values"),
        wrong(
            "two documents",
            w -> w.add("---\nname: other"),
            TRAIN,
            2,
            "spec.yaml:6: a second document starts here; a spec is one document"),
        wrong("a tab", w -> w.add("train:\n\tepochs: 3"), TRAIN, 2, "this is not YAML"),
        wrong("a bracket too few", w -> w.add("train: {epochs: 3"), TRAIN, 2, "this is not YAML"),
        wrong("a control character", w -> w.add("train: \u0000"), TRAIN, 2, "this is not YAML"),
        wrong(
            "not UTF-8",
            w ->
                w.append(
                    "spec.yaml", "note: Gr\u00fc\u00dfe\n".getBytes(StandardCharsets.ISO_8859_1)),
            TRAIN,
            2,
            "is not UTF-8",
            "save it as UTF-8"),
        wrong(
            "a key twice",
            w -> w.add("seed: 2"),
            TRAIN,
            2,
            "spec.yaml:6: seed stands here a second time (first on line 2)"),
        wrong(
            "anchors and aliases",
            w -> w.add("generate: &g {count: 5}\nevaluate: *g"),
            TRAIN,
            2,
            "evaluate is an alias; write the value out"),
        wrong(
            "a billion laughs", w -> w.add(laughs()), TRAIN, 2, "is an alias; write the value out"),
        wrong(
            "a tag that would make an object",
            w ->
                w.add(
                    "train: !!javax.script.ScriptEngineManager [!!java.net.URLClassLoader"
                        + " [[!!java.net.URL ['http://localhost/']]]]"),
            TRAIN,
            2,
            "has the tag",
            "a spec has no tags"),
        wrong(
            "nested ten thousand deep",
            w -> w.add("train: " + "[".repeat(10_000) + "]".repeat(10_000)),
            TRAIN,
            2,
            "nesting is deeper than 20"),
        wrong(
            "keys that would multiply",
            w -> w.add("train: {" + "k".repeat(500) + ": [" + "1, ".repeat(1000) + "1]}"),
            TRAIN,
            2,
            "a key is longer than 200 characters"),
        wrong(
            "a list of a hundred thousand",
            w -> w.add("train: {hidden: [" + "1,".repeat(100_000) + "1]}"),
            TRAIN,
            2,
            "it has more than 20000 values"),
        wrong(
            "a text of two million characters",
            w -> w.add("note: " + "x".repeat(2_000_000)),
            TRAIN,
            2,
            "this is not YAML"),
        wrong(
            "five megabytes",
            w -> w.write("spec.yaml", new byte[5_000_000]),
            TRAIN,
            2,
            "goes on after 4000000 bytes"),
        wrong(
            "a value that would fill the screen",
            w -> w.replace("spec.yaml", "seed: 1", "seed: " + "x".repeat(100_000)),
            TRAIN,
            2,
            "xxx...; it must be a whole number"));
  }

  private static String laughs() {
    StringBuilder laughs = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 30; i++) {
      laughs.append("a").append(i).append(": &a").append(i).append(" [");
      laughs.append("*a").append(i - 1).append(", *a").append(i - 1).append("]\n");
    }
    return laughs.toString();
  }
}
