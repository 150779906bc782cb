package dev.ancestral.cli;

import dev.ancestral.estimator.EvaluationMethods;
import dev.ancestral.estimator.Setting;
import dev.ancestral.job.evaluate.EvaluateRequest;
import dev.ancestral.job.evaluate.EvaluateSpec;
import dev.ancestral.job.evaluate.EvaluationReport;
import dev.ancestral.job.evaluation.EvaluationJob;
import dev.ancestral.job.report.RunReport;
import dev.ancestral.model.Condition;
import dev.ancestral.spark.SparkApplication;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.ISetter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code evaluate}: held-out log-likelihood. */
@Command(
    name = "evaluate",
    header = "Measures the held-out log-likelihood of a model.",
    description = {
      "",
      "Scores every example of a split (or a fixed random subset) and reports the mean of log p(x)",
      "in nats with its standard error. Families with an exact likelihood are scored exactly, the",
      "others by a bound or an estimate, and the report says which. two-sample and c2st ask"
          + " another",
      "question: whether samples of the model are like the examples (a p-value).",
      "",
      "Example:",
      "  ancestral evaluate --model runs/vae --data data/digits --estimator iwae --samples 500 \\",
      "                     --output runs/vae-test",
      "",
      "Writes: report.json, per-example.parquet (id, nats and what the estimator tells of each",
      "example, as Pareto k of its importance weights), status.json. The numbers depend on",
      "neither the cluster nor the number of tasks. Run again, the command goes on where it was.",
      ""
    },
    footerHeading = "%nExit statuses:%n",
    footer =
        "  0 done, 2 wrong options, 3 model or data missing or damaged, 4 model and data do not"
            + " fit,%n  5 cluster, 7 interrupted: run again",
    mixinStandardHelpOptions = true)
final class EvaluateCommand implements Callable<Integer> {
  private final Console console;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "RUN",
      description = "Directory of a run, or one with model.json and parameters.safetensors.")
  private String model;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "DATASET",
      description = "Dataset directory, as prepare makes it.")
  private String data;

  @Option(
      names = "--split",
      paramLabel = "SPLIT",
      defaultValue = "test",
      description = "Which split is scored (default: ${DEFAULT-VALUE}).")
  private String split;

  @Option(
      names = "--estimator",
      paramLabel = "NAME",
      description = {
        "${bundle:estimators}",
        "(default: the best one the family has: exact, else iwae, else ais)."
      })
  private String estimator;

  @Option(
      names = "--samples",
      paramLabel = "K",
      description =
          "Draws of the latent an example (default: iwae 500, elbo 1), chains of ais (16), kernels"
              + " of kde (10000), samples of two-sample and c2st (as many as examples).")
  private Integer samples;

  @Option(
      names = "--condition",
      paramLabel = "C",
      converter = ConditionName.class,
      completionCandidates = ConditionName.class,
      description =
          "What the label is to the likelihood: none (log p(x)), label (log p(x | label)) or joint"
              + " (log p(x, label)); default: the model's own, which the report names. p(x) of a"
              + " model given labels is the sum over all labels by their frequencies in the"
              + " training data.")
  private Condition.Label condition;

  @Option(
      names = "--hidden-states",
      description =
          "Writes the most probable path and the posteriors of the hidden states of each example to"
              + " hidden-states-*/ (hidden Markov models).")
  private boolean hiddenStates;

  @Option(
      names = "--repeats",
      paramLabel = "R",
      defaultValue = "1",
      description = "Independent repeats; above 1 the Monte Carlo error is reported.")
  private int repeats;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description =
          "Scores the N examples whose ids have the smallest keyed hashes (default: all;"
              + " two-sample, c2st: 1000).")
  private Long limit;

  @Option(
      names = "--train-sample",
      paramLabel = "N",
      description =
          "Scores N examples of split train too, those with the smallest keyed hashes, and reports"
              + " how much more probable they are than the held-out ones (default: none).")
  private Long trainSample;

  @Option(
      names = "--tasks",
      paramLabel = "N",
      description =
          "Tasks that the work is divided into at most (default: one for each piece of the data)."
              + " The numbers do not depend on it.")
  private Integer tasks;

  @Option(
      names = "--seed",
      paramLabel = "S",
      defaultValue = "1",
      description = "Seed of the draws (default: ${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Directory of the evaluation.")
  private String output;

  @Option(
      names = "--overwrite",
      description = "Replaces another evaluation that lies in the output.")
  private boolean overwrite;

  private final Map<String, Object> settings = new HashMap<>();

  private EvaluateCommand(Console console) {
    this.console = console;
  }

  /** The command with the names and the options of the estimators at hand. */
  static CommandLine line(Console console) {
    EvaluateCommand command = new EvaluateCommand(console);
    CommandLine line = new CommandLine(command);
    line.setResourceBundle(
        new HelpWords(Map.of("estimators", HelpWords.listed(EvaluationMethods.names()))));
    EvaluationMethods.settings()
        .values()
        .forEach(setting -> line.getCommandSpec().addOption(command.option(setting)));
    return line;
  }

  private OptionSpec option(Setting setting) {
    OptionSpec.Builder option =
        OptionSpec.builder("--" + setting.name())
            .paramLabel(setting.label())
            .description(setting.description().toArray(String[]::new))
            .setter(
                new ISetter() {
                  @Override
                  public <T> T set(T value) {
                    if (value != null) {
                      settings.put(setting.name(), value);
                    }
                    return null;
                  }
                });
    return switch (setting.kind()) {
      case WHOLE -> option.type(Integer.class).build();
      case NUMBER -> option.type(Double.class).build();
      case TEXT -> option.type(String.class).build();
      case WORD ->
          option
              .type(String.class)
              .converters((ITypeConverter<String>) value -> word(setting, value))
              .completionCandidates(setting.words())
              .build();
    };
  }

  private static String word(Setting setting, String value) {
    if (!setting.allows(value)) {
      throw new TypeConversionException(
          "it is '" + value + "'; it must be " + HelpWords.listed(setting.words()));
    }
    return value;
  }

  @Override
  public Integer call() {
    EvaluateSpec spec =
        new EvaluateSpec(
            split,
            Optional.ofNullable(estimator),
            samples == null ? OptionalInt.empty() : OptionalInt.of(samples),
            repeats,
            limit == null ? OptionalLong.empty() : OptionalLong.of(limit),
            seed,
            settings,
            hiddenStates,
            Optional.ofNullable(condition),
            trainSample == null ? OptionalLong.empty() : OptionalLong.of(trainSample),
            tasks == null ? OptionalInt.empty() : OptionalInt.of(tasks));
    EvaluateRequest request = new EvaluateRequest(model, data, spec, output, overwrite);
    try (SparkApplication application = SparkApplication.lazily("evaluate")) {
      console.say(new EvaluationJob(application, console.progress()).run(request).summary());
      new RunReport(application.storage(), model)
          .update(RunReport.Beside.asBefore().withEvaluation(output))
          .ifPresent(console::say);
      console.say("report: " + output + "/" + EvaluationReport.FILE);
    }
    return 0;
  }
}
