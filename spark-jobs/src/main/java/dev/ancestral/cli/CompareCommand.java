package dev.ancestral.cli;

import dev.ancestral.job.compare.Comparison;
import dev.ancestral.spark.SparkApplication;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code compare}: the paired difference of two evaluations. */
@Command(
    name = "compare",
    header = "Compares two evaluations over the same examples.",
    description = {
      "",
      "Prints the mean of log p_A(x) - log p_B(x) with the standard error of the paired"
          + " difference,",
      "which is much smaller than the error of either mean. Evaluations of unlike kinds (a bound",
      "and an exact value) or of other data cannot be compared. Where two bounds are not equally",
      "tight (other estimator, samples or settings) a note says so, and where the importance"
          + " weights",
      "of some examples are too few to trust (Pareto k).",
      "",
      "Example:",
      "  ancestral compare runs/vae-a-test runs/vae-b-test",
      "",
      "Writes nothing.",
      ""
    },
    footerHeading = "%nExit statuses:%n",
    footer = "  0 done, 2 wrong options, 3 a report is missing or damaged, 4 unlike kinds or data",
    mixinStandardHelpOptions = true)
final class CompareCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(
      index = "0",
      paramLabel = "REPORT_A",
      description = "Directory of an evaluation, or its report.json.")
  private String a;

  @Parameters(
      index = "1",
      paramLabel = "REPORT_B",
      description = "Directory of an evaluation, or its report.json.")
  private String b;

  CompareCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    try (SparkApplication application = SparkApplication.lazily("compare")) {
      console.say(Comparison.of(application.storage(), a, b).summary());
    }
    return 0;
  }
}
