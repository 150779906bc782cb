package dev.ancestral.cli;

import dev.ancestral.ErrorCode;
import dev.ancestral.cli.doctor.Doctor;
import dev.ancestral.cli.doctor.Finding;
import dev.ancestral.spark.SparkApplication;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code doctor}: what is wrong before hours are lost to it. */
@Command(
    name = "doctor",
    header = "Checks cluster and spec and says how to mend what is wrong.",
    description = {
      "",
      "Looks at the spec, the data, the output, Spark's settings, and on every executor at",
      "native libraries, versions, classes, clock, memory, disks, threads, GPUs and whether it",
      "sees data and output. Takes seconds and changes nothing. The checks: help/doctor.md.",
      "",
      "Example:",
      "  ancestral --master spark://host:7077 doctor --spec vae.yaml",
      "",
      "Writes nothing.",
      ""
    },
    footerHeading = "%nExit statuses:%n",
    footer = "  0 no problem, else that of the first problem: 2 spec, 3 data, 4 unfit, 5 cluster",
    mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
  private final Console console;

  @Option(names = "--spec", paramLabel = "SPEC", description = "A spec to be checked as well.")
  private String spec;

  DoctorCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    try (SparkApplication application = SparkApplication.lazily("doctor")) {
      List<Finding> findings =
          new Doctor(application, finding -> console.say(finding.line()))
              .examine(Optional.ofNullable(spec));
      List<ErrorCode> problems =
          findings.stream().flatMap(finding -> finding.refusal().stream()).toList();
      if (problems.isEmpty()) {
        return 0;
      }
      return console.fail(
          problems.get(0).status(),
          problems.size() + (problems.size() == 1 ? " problem" : " problems") + ", listed above");
    }
  }
}
