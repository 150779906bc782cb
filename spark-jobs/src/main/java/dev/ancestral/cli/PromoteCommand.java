package dev.ancestral.cli;

import dev.ancestral.data.Storage;
import dev.ancestral.job.compare.Promotion;
import dev.ancestral.spark.SparkApplication;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
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
      "Where there is no link yet, leave --against out: the candidate is its first model.",
      "--back undoes a promotion: the link leads to what LINK.previous led to, and the other way.",
      "",
      "Examples:",
      "  ancestral promote --candidate runs/vae-b --current models/current \\",
      "                    --report runs/vae-b-test --against runs/vae-a-test",
      "  ancestral promote --back --current models/current",
      "",
      "Writes: LINK and LINK.previous, or nothing.",
      ""
    },
    footerHeading = "%nExit statuses:%n",
    footer =
        "  0 promoted or taken back, 2 wrong options or no way back, 3 a report is missing or"
            + " damaged, 4 reports are not of these%n  models or cannot be compared, 8 not better:"
            + " nothing was changed",
    mixinStandardHelpOptions = true)
final class PromoteCommand implements Callable<Integer> {
  private final Console console;

  @Option(
      names = "--current",
      required = true,
      paramLabel = "LINK",
      description = "The link; made if there is none yet.")
  private String current;

  @ArgGroup(multiplicity = "1")
  private Direction direction;

  /** One of them. */
  static final class Direction {
    @Option(
        names = "--back",
        required = true,
        description = "Lets the link lead where it led before the last promotion.")
    private boolean back;

    @ArgGroup(exclusive = false, multiplicity = "1")
    private Forward forward;
  }

  /** Who may take over, and why. */
  static final class Forward {
    @Option(
        names = "--candidate",
        required = true,
        paramLabel = "RUN",
        description = "The model that may take over.")
    private String candidate;

    @Option(
        names = "--report",
        required = true,
        paramLabel = "A",
        description = "Evaluation of the candidate.")
    private String report;

    @Option(
        names = "--against",
        paramLabel = "B",
        description =
            "Evaluation of what the link leads to, over the same examples; left out where there is"
                + " no link yet.")
    private String against;

    private Promotion promotion(String current) {
      return new Promotion(candidate, current, report, Optional.ofNullable(against));
    }
  }

  PromoteCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    try (SparkApplication application = SparkApplication.lazily("promote")) {
      Storage storage = application.storage();
      console.say(
          direction.back
              ? Promotion.back(storage, current)
              : direction.forward.promotion(current).run(storage));
    }
    return 0;
  }
}
