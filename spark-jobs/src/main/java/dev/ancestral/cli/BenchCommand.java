package dev.ancestral.cli;

import dev.ancestral.cli.bench.BenchJob;
import dev.ancestral.job.spec.SpecFile;
import dev.ancestral.spark.SparkApplication;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench}: how fast a spec runs here. */
@Command(
    name = "bench",
    header = "Measures training, scoring and sampling throughput of a spec.",
    description = {
      "",
      "Trains for a few rounds of 500 steps (or train.roundSteps), scores and samples, in a"
          + " scratch",
      "folder below the spec's output that is removed at the end, and prints figures as JSON:",
      "examples a second once it is warm, and the share of the time that is not compute (starting",
      "the round, exchanging, committing). The dataset must be there; see 'prepare'.",
      "",
      "Example:",
      "  ancestral bench --spec vae.yaml",
      "",
      "Writes: JSON to standard output; progress goes to standard error.",
      ""
    },
    footerHeading = "%nExit statuses:%n",
    footer = "  0 done, 2 the spec is wrong, 3 data missing or damaged, 5 cluster, 7 interrupted",
    mixinStandardHelpOptions = true)
final class BenchCommand implements Callable<Integer> {
  private final Console console;

  @Option(names = "--spec", required = true, paramLabel = "SPEC", description = "The YAML spec.")
  private String spec;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "4",
      description = "Rounds that count (default: ${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--warm-up",
      paramLabel = "N",
      defaultValue = "2",
      description = "Rounds before those (default: ${DEFAULT-VALUE}).")
  private int warmUp;

  @Option(
      names = "--examples",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Examples scored (default: ${DEFAULT-VALUE}).")
  private long examples;

  @Option(
      names = "--samples",
      paramLabel = "N",
      defaultValue = "10000",
      description = "Samples drawn (default: ${DEFAULT-VALUE}).")
  private long samples;

  BenchCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    try (SparkApplication application = SparkApplication.lazily("bench")) {
      console.say(
          new BenchJob(application, console.progressAside())
              .run(
                  SpecFile.read(application.storage(), spec, Optional.empty()),
                  new BenchJob.Extent(warmUp, rounds, examples, samples))
              .toPrettyString());
    }
    return 0;
  }
}
