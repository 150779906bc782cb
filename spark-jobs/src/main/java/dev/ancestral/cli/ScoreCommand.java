package dev.ancestral.cli;

import dev.ancestral.data.rows.RowInput;
import dev.ancestral.job.evaluate.EvaluateSpec;
import dev.ancestral.job.score.ScoreJob;
import dev.ancestral.job.score.ScoreRequest;
import dev.ancestral.spark.SparkApplication;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code score}: how probable each row is. */
@Command(
    name = "score",
    header = "Scores rows: the same rows with their log-likelihood and what makes them unlikely.",
    description = {
      "",
      "Reads rows as they are, without prepare, and writes each with all its columns and:",
      "  log_likelihood        log p of the row in nats; masses of categories, whole numbers,",
      "                        dates and timestamps, densities of real numbers in their own units",
      "  log_likelihood_kind   exact, lower-bound, ...",
      "  percentile            share of the validation rows with a lower or equal log-likelihood",
      "  least_likely_columns  up to three whose log p given the other columns is furthest below",
      "                        its mean over the validation rows",
      "  component, states     the most probable ones, of models that have them; of states also",
      "                        states_log_probability, log p of the row with this path",
      "  class_probabilities   p(label | row), of models that have labels, and beside it",
      "                        most_probable_class",
      "Columns are found by name. No score depends on the other rows, or on the cluster.",
      "",
      "Examples:",
      "  ancestral score --model runs/customers --input customers.csv --output scored --as csv",
      "  ancestral score --model runs/customers --table crm.customers \\",
      "                  --output-table crm.scored --partition-by country",
      "",
      "Writes: the rows, and manifest and status in OUTPUT/_ancestral. Run again, the command",
      "changes nothing while model and input files are the same. With --stream it scores the files",
      "that have come since it ran last, each once.",
      ""
    },
    footerHeading = "%nExit statuses:%n",
    footer =
        "  0 done, 2 wrong options, 3 model or rows missing or damaged, 4 rows do not fit the"
            + " model,%n  5 cluster, 7 interrupted: run again",
    mixinStandardHelpOptions = true)
final class ScoreCommand implements Callable<Integer> {
  private final Console console;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "RUN",
      description = "Directory of a run, or one with model.json and parameters.safetensors.")
  private String model;

  @Mixin private RowInputOptions input;

  @Option(
      names = "--group-by",
      split = ",",
      paramLabel = "A,B",
      description =
          "For a model of sequences: rows are events, and each group of rows is scored as a"
              + " sequence, which comes back as one row with these columns and length.")
  private List<String> groupBy;

  @Option(
      names = "--order-by",
      split = ",",
      paramLabel = "A,B",
      description = "The order of the events of a group, as for prepare --format events.")
  private List<String> orderBy;

  @Option(
      names = "--data",
      paramLabel = "DATASET",
      description = "A dataset that prepare made instead of rows (images, sound, sequences).")
  private String data;

  @Option(
      names = "--split",
      paramLabel = "SPLIT",
      defaultValue = "test",
      description = "Of a dataset, which split is scored (default: ${DEFAULT-VALUE}).")
  private String split;

  @Option(
      names = "--estimator",
      paramLabel = "NAME",
      description = "How log p is computed, as for evaluate (default: the best one there is).")
  private String estimator;

  @Option(
      names = "--samples",
      paramLabel = "K",
      description = "Draws of the latent a row, of bounds (default: iwae 500, elbo 1).")
  private Integer samples;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Seed of the draws, which depend on the content of a row (default: 1).")
  private long seed;

  @Option(
      names = "--reference",
      paramLabel = "DATASET",
      description =
          "Dataset whose split valid says what is usual (default: the one that the run was trained"
              + " on, while it is there).")
  private String reference;

  @Option(
      names = "--stream",
      description =
          "Scores the rows that have come since the last run, and ends; checkpoints lie in the"
              + " output.")
  private boolean stream;

  @Option(
      names = "--continuous",
      paramLabel = "SECONDS",
      description = "With --stream: does not end, and looks for rows this often.")
  private Integer continuous;

  @Mixin private RowOutputOptions output;

  ScoreCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    EvaluateSpec spec =
        new EvaluateSpec(
            split,
            Optional.ofNullable(estimator),
            samples == null ? OptionalInt.empty() : OptionalInt.of(samples),
            1,
            OptionalLong.empty(),
            seed);
    Optional<RowInput> rows = input.isGiven() ? Optional.of(input.read()) : Optional.empty();
    ScoreRequest request =
        new ScoreRequest(
            model,
            rows,
            Optional.ofNullable(data),
            spec,
            output.read(),
            stream,
            continuous == null ? OptionalInt.empty() : OptionalInt.of(continuous),
            Optional.ofNullable(reference),
            output.overwrite(),
            groupBy == null && orderBy == null
                ? Optional.empty()
                : Optional.of(
                    new ScoreRequest.Groups(
                        groupBy == null ? List.of() : groupBy,
                        orderBy == null ? List.of() : orderBy)));
    try (SparkApplication application = SparkApplication.lazily("score")) {
      console.say(new ScoreJob(application, console.progress()).run(request).summary());
    }
    return 0;
  }
}
