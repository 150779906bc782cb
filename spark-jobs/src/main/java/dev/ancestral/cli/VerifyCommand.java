package dev.ancestral.cli;

import dev.ancestral.cli.verify.Verification;
import dev.ancestral.job.status.ExitStatus;
import dev.ancestral.oracle.Verdict;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** {@code verify}: what must hold without any data. */
@Command(
    name = "verify",
    header = "Checks the laws that hold without any data, as a table.",
    description = {
      "",
      "Probabilities sum to 1 over small spaces, bounds agree with closed forms, samplers draw"
          + " what",
      "scorers score, the random numbers are the published ones. Takes seconds and no cluster.",
      "",
      "Example:",
      "  ancestral verify",
      "",
      "Writes nothing.",
      ""
    },
    footerHeading = "%nExit statuses:%n",
    footer = "  0 all hold, 1 one does not: this build or machine computes wrongly",
    mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {
  private final Console console;

  VerifyCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    console.say(Verdict.heading());
    long broken = Verification.run(verdict -> console.say(verdict.line()));
    if (broken == 0) {
      return 0;
    }
    return console.fail(
        ExitStatus.UNEXPECTED,
        broken + (broken == 1 ? " law does" : " laws do") + " not hold; see the rows with FAIL");
  }
}
