package dev.ancestral.job.badinput;

import static dev.ancestral.job.badinput.BadInput.wrong;

import java.util.List;

/** Wrong command lines. */
final class CommandCases {
  private static final String EVALUATE = "evaluate --model @nb --data @data --output @out";
  private static final String GENERATE = "generate --model @nb --seed 1 --output @out --count ";

  private CommandCases() {}

  static List<BadInput> all() {
    return List.of(
        wrong("no command", "", 2, "a command is missing; it must be one of prepare, train"),
        wrong("a command that is none", "evalute", 2, "Unmatched argument", "ancestral --help"),
        wrong("an option missing", "evaluate --model @nb --data @data", 2, "--output=DIR"),
        wrong("an option unknown", EVALUATE + " --speed 9", 2, "Unknown options: '--speed', '9'"),
        wrong("an option twice", EVALUATE + " --seed 1 --seed 2", 2, "--seed"),
        wrong("a value missing", EVALUATE + " --seed", 2, "--seed"),
        wrong(
            "limit 0", EVALUATE + " --limit 0", 2, "limit is 0; it must be a whole number from 1"),
        wrong("limit below 0", EVALUATE + " --limit -3", 2, "limit is -3; it must be"),
        wrong("limit is a word", EVALUATE + " --limit all", 2, "'all' is not a long"),
        wrong("samples 0", EVALUATE + " --samples 0", 2, "samples is 0; it must be"),
        wrong("repeats 0", EVALUATE + " --repeats 0", 2, "repeats is 0; it must be"),
        wrong("steps 0", EVALUATE + " --steps 0", 2, "steps is 0; it must be"),
        wrong("bandwidth NaN", EVALUATE + " --bandwidth NaN", 2, "bandwidth is NaN; it must be"),
        wrong("seed is a fraction", EVALUATE + " --seed 0.5", 2, "'0.5' is not a long"),
        wrong(
            "an estimator that is none",
            EVALUATE + " --estimator best",
            2,
            "estimator is best; it must be one of exact"),
        wrong("count 0", GENERATE + "0", 2, "count is 0; it must be a whole number from 1"),
        wrong("count below 0", GENERATE + "-5", 2, "count is -5; it must be"),
        wrong("count beyond all disks", GENERATE + "2000000000000", 2, "count is 2000000000000"),
        wrong(
            "more parts than a driver can list",
            GENERATE + "1000000000000",
            2,
            "gives more than a million parts; choose a larger shard size"),
        wrong("shard size 0", GENERATE + "5 --shard-size 0", 2, "shardSize is 0; it must be"),
        wrong("temperature 0", GENERATE + "5 --temperature 0", 2, "temperature is 0.0; it must be"),
        wrong("temperature below 0", GENERATE + "5 --temperature -2", 2, "temperature is -2.0"),
        wrong("temperature NaN", GENERATE + "5 --temperature NaN", 2, "temperature is NaN"),
        wrong("label below 0", GENERATE + "5 --label -1", 2, "label is -1; it must be"),
        wrong("length 0", GENERATE + "5 --length 0", 2, "length is 0; it must be"),
        wrong("a picture format that is none", GENERATE + "5 --as gif", 2, "expected one of"),
        wrong(
            "resume and restart together",
            "train --spec @spec.yaml --resume --restart",
            2,
            "are mutually exclusive"),
        wrong(
            "resume where there is nothing",
            "train --spec @spec.yaml --resume",
            2,
            "there is nothing to resume at",
            "leave --resume out to begin"),
        wrong("one report only", "compare @nb-test", 2, "Missing required parameter"),
        wrong(
            "no rounds to be measured",
            "bench --spec @spec.yaml --rounds 0",
            2,
            "rounds 0",
            "at least 1"),
        wrong(
            "a format that is none",
            "prepare --format tiff --input @rows.csv --output @out",
            2,
            "--format: format is tiff; it must be one of"),
        wrong("no input", "prepare --format matrix --output @out", 2, "input is missing"),
        wrong(
            "input for what reads none",
            "prepare --format synthetic --count 5 --input @rows.csv --output @out",
            2,
            "it must be left out"),
        wrong(
            "count of synthetic data 0",
            "prepare --format synthetic --count 0 --output @out",
            2,
            "count is 0; it must be"),
        wrong(
            "a division that is none",
            "prepare --format matrix --input @rows.csv --output @out --split half",
            2,
            "--split: split is half; it must be"),
        wrong(
            "a binarization that is none",
            "prepare --format matrix --input @rows.csv --output @out --binarize threshold=x",
            2,
            "--binarize: binarize is threshold=x; it must be"),
        wrong(
            "an expression that is none",
            "prepare --format images --input @empty --output @out --label-pattern ([a-z",
            2,
            "it must be a regular expression"),
        wrong(
            "an option of another format",
            "prepare --format matrix --input @rows.csv --output @out --kind digits",
            2,
            "kind is not a known key"));
  }
}
