package dev.ancestral.cli.doctor;

import dev.ancestral.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Threads of native libraries against cores of a task. */
final class ThreadsCheck implements Check {

  @Override
  public List<Finding> judge(ClusterSnapshot sight, Optional<Requirements> needs) {
    List<Finding> findings = new ArrayList<>();
    int taskCpus = sight.taskCpus();
    for (ProcessView view : sight.executors()) {
      // One core has nothing to fight for.
      if (view.threads().cores() > 1) {
        variable(view, "OMP_NUM_THREADS", view.threads().openMp(), taskCpus, findings);
        variable(view, "OPENBLAS_NUM_THREADS", view.threads().openBlas(), 1, findings);
      }
    }
    if (taskCpus > 1
        && sight.executors().stream().allMatch(view -> "1".equals(view.threads().openMp()))) {
      findings.add(
          Finding.doubtful(
              "spark.task.cpus",
              "is "
                  + taskCpus
                  + " but a task computes on one thread: the other cores idle; set it to 1 and give"
                  + " more replicas"));
    }
    if (findings.isEmpty()) {
      findings.add(Finding.good("threads", "as many a task as it has cores: " + taskCpus));
    }
    return findings;
  }

  private static void variable(
      ProcessView view, String name, String value, int most, List<Finding> into) {
    if (value == null || !value.matches("[1-9][0-9]{0,3}") || Integer.parseInt(value) > most) {
      boolean driver = view.executor().equals("driver");
      into.add(
          Finding.bad(
              view.name(),
              ErrorCode.CLUSTER,
              name
                  + " is "
                  + (value == null ? "not set" : value)
                  + " where a task has "
                  + most
                  + (most == 1 ? " thread" : " threads")
                  + ": the libraries' pools fight for the cores, measured at ten times slower; "
                  + (driver
                      ? "set it to 1 before the process starts, as bin/ancestral does"
                      : "set spark.executorEnv." + name + "=1")));
    }
  }
}
