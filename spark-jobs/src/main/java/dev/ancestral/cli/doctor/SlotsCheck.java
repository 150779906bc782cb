package dev.ancestral.cli.doctor;

import dev.ancestral.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkConf;

/** Slots against replicas, and what takes slots away. */
final class SlotsCheck implements Check {
  private static final String DYNAMIC = "spark.dynamicAllocation.enabled";
  private static final String SPECULATION = "spark.speculation";

  @Override
  public List<Finding> judge(ClusterSnapshot sight, Optional<Requirements> needs) {
    List<Finding> findings = new ArrayList<>();
    findings.add(slots(sight, needs));
    SparkConf conf = sight.conf();
    if (conf.getBoolean(DYNAMIC, false)) {
      boolean demands = needs.map(Requirements::demandsBarrier).orElse(false);
      String detail = "is true, under which Spark runs no barrier stage, and so no gloo and nccl; ";
      findings.add(
          demands
              ? Finding.bad(
                  DYNAMIC,
                  ErrorCode.CLUSTER,
                  detail + "set it to false, or set train.transport: spark")
              : Finding.doubtful(
                  DYNAMIC, detail + "set it to false for training, or exchanges take the shuffle"));
    }
    if (conf.getBoolean(SPECULATION, false)) {
      findings.add(
          Finding.doubtful(
              SPECULATION,
              "is true; a replica that runs twice only slows training: set it to false"));
    }
    if (sight.executors().size() < sight.expectedExecutors()) {
      findings.add(
          Finding.doubtful(
              "executors",
              sight.executors().size()
                  + " of "
                  + sight.expectedExecutors()
                  + " answered; the others are busy: run doctor again when they are free"));
    }
    return findings;
  }

  private static Finding slots(ClusterSnapshot sight, Optional<Requirements> needs) {
    int slots = sight.slots();
    int replicas = needs.map(Requirements::replicas).orElse(0);
    if (replicas <= slots) {
      return Finding.good(
          "slots", slots + " at once" + (replicas > 0 ? ", " + replicas + " replicas" : ""));
    }
    String detail = slots + " at once for " + replicas + " replicas; ";
    return needs.map(Requirements::demandsBarrier).orElse(false)
        ? Finding.bad(
            "slots",
            ErrorCode.CLUSTER,
            detail + "give more executors or cores, or set train.transport: spark")
        : Finding.doubtful("slots", detail + "they take turns, exchanging over Spark's shuffle");
  }
}
