package dev.ancestral.job.cli;

import dev.ancestral.job.SparkApplication;
import dev.ancestral.job.evaluate.Promotion;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code promote}: lets a better model take over a link. */
@Command(
    name = "promote",
    header = "Moves a link to a candidate model if it is decisively better.",
    description = {
      "",
      "Better means: by more than two standard errors of the paired difference of the two",
      "evaluations. Then the link leads to the candidate, and LINK.previous to what it led to.",
      "On a local disk the link is symbolic, elsewhere a small file; --model takes either.",
      "",
      "Example:",
      "  ancestral promote --candidate runs/vae-b --current models/current \\",
      "                    --report runs/vae-b-test --against runs/vae-a-test",
      "",
      "Writes: LINK and LINK.previous, or nothing.",
      ""
    },
    footerHeading = "%nExit statuses:%n",
    footer =
        "  0 promoted, 2 wrong options, 3 a report is missing or damaged, 4 reports are not of"
            + " these%n  models or cannot be compared, 8 not better: nothing was changed",
    mixinStandardHelpOptions = true)
final class PromoteCommand implements Callable<Integer> {
  private final Console console;

  @Option(
      names = "--candidate",
      required = true,
      paramLabel = "RUN",
      description = "The model that may take over.")
  private String candidate;

  @Option(
      names = "--current",
      required = true,
      paramLabel = "LINK",
      description = "The link; made if there is none yet.")
  private String current;

  @Option(
      names = "--report",
      required = true,
      paramLabel = "A",
      description = "Evaluation of the candidate.")
  private String report;

  @Option(
      names = "--against",
      required = true,
      paramLabel = "B",
      description = "Evaluation of what the link leads to, over the same examples.")
  private String against;

  PromoteCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    try (SparkApplication application = SparkApplication.lazily("promote")) {
      console.say(new Promotion(candidate, current, report, against).run(application.storage()));
    }
    return 0;
  }
}
