package dev.ancestral.cli.doctor;

import dev.ancestral.ErrorCode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Native libraries on every executor, and Java options without which Spark or they fail. */
final class NativesCheck implements Check {

  @Override
  public List<Finding> judge(ClusterSnapshot sight, Optional<Requirements> needs) {
    List<Finding> findings = new ArrayList<>();
    Set<ProcessView> processes = new LinkedHashSet<>(sight.executors());
    if (!sight.local()) {
      processes.add(sight.driver());
    }
    for (ProcessView view : processes) {
      if (!view.closedPackages().isEmpty()) {
        String options = view.executor().equals("driver") ? "driver" : "executor";
        findings.add(
            Finding.bad(
                view.name(),
                ErrorCode.CLUSTER,
                "Java keeps Spark out of "
                    + String.join(", ", view.closedPackages())
                    + "; start by spark-submit, which opens them, or add to spark."
                    + options
                    + ".extraJavaOptions --add-opens=PACKAGE=ALL-UNNAMED for each"));
      }
    }
    for (ProcessView view : sight.executors()) {
      findings.add(natives(view));
    }
    sight
        .arithmeticObstacle()
        .ifPresent(why -> findings.add(Finding.bad("machines", ErrorCode.CLUSTER, why)));
    return findings;
  }

  private static Finding natives(ProcessView view) {
    if (view.natives().engine() == null) {
      return Finding.bad(
          view.name(),
          ErrorCode.CLUSTER,
          "libtorch cannot be loaded ("
              + view.natives().failure()
              + "); submit the job jar for this platform, and see that the temporary folder"
              + " has room and may execute");
    }
    return Finding.good(
        view.name(),
        "java "
            + view.versions().java()
            + ", "
            + view.natives().engine()
            + ", heap "
            + Sizes.of(view.room().heap())
            + ", disk "
            + Sizes.of(view.room().localDisk()));
  }
}
