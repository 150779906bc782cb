package dev.ancestral.cli.doctor;

import dev.ancestral.ErrorCode;
import dev.ancestral.job.train.replica.MemoryEstimate;
import dev.ancestral.spark.MemoryOverhead;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Heap and native memory of the executors against parameters, moments and batches. */
final class MemoryCheck implements Check {
  private static final long MEBI = 1L << 20;
  private static final long LITTLE_HEAP = 512 * MEBI;

  /** Of a heap, for Spark, its shuffle and decoded shards. */
  private static final long HEAP_BASE = 400 * MEBI;

  /** Of its heap an executor reads ahead into no more than half, and keeps a quarter. */
  private static final int WINDOWS_TO_READ_AHEAD = 4;

  /** An exchange over the shuffle holds what is sent and what is received as arrays. */
  private static final long SHUFFLE_COPIES = 2;

  @Override
  public List<Finding> judge(ClusterSnapshot sight, Optional<Requirements> needs) {
    Optional<MemoryEstimate> footprint = needs.flatMap(Requirements::footprint);
    List<Finding> findings = new ArrayList<>();
    if (footprint.isEmpty()) {
      for (ProcessView view : sight.executors()) {
        if (view.room().heap() < LITTLE_HEAP) {
          findings.add(
              Finding.doubtful(view.name(), "heap " + Sizes.of(view.room().heap()) + " is little"));
        }
      }
      if (needs.isPresent()) {
        findings.add(
            Finding.doubtful(
                "memory", "is judged once the data are there, which say how large examples are"));
      }
      return findings;
    }
    int replicas = needs.get().replicasAnExecutor(sight);
    long natives = footprint.get().processBytes(replicas);
    long windows = replicas * footprint.get().windowBytes();
    long heap =
        HEAP_BASE
            + windows
            + (needs.get().willShuffle(sight)
                ? SHUFFLE_COPIES * replicas * Float.BYTES * footprint.get().sharedFloats()
                : 0);
    String who = who(footprint.get(), needs.get(), replicas);
    for (ProcessView view : sight.executors()) {
      if (view.room().heap() < heap) {
        findings.add(heap(sight, view, who, heap));
      } else if (view.room().heap() < WINDOWS_TO_READ_AHEAD * windows) {
        findings.add(
            Finding.doubtful(
                view.name(),
                "its heap is "
                    + Sizes.of(view.room().heap())
                    + " and the examples being used take "
                    + Sizes.of(windows)
                    + " of it: little is read ahead; "
                    + heapSetting(sight, WINDOWS_TO_READ_AHEAD * windows)
                    + " would do"));
      }
    }
    if (sight.limitsContainers()) {
      overhead(sight, who, natives).ifPresent(findings::add);
    } else {
      machines(sight, who, natives, findings);
    }
    if (findings.isEmpty()) {
      findings.add(
          Finding.good(
              "memory",
              who
                  + " an executor: about "
                  + Sizes.of(natives)
                  + " outside of the heap and "
                  + Sizes.of(heap)
                  + " within"));
    }
    return findings;
  }

  private static String who(MemoryEstimate footprint, Requirements needs, int replicas) {
    return footprint.parameters() == 0
        ? "tasks that gather statistics"
        : String.format(
            Locale.ROOT,
            "%d %s of %,d parameters and batches of %,d",
            replicas,
            replicas == 1 ? "replica" : "replicas",
            footprint.parameters(),
            needs.train().batchSize());
  }

  private static Finding heap(ClusterSnapshot sight, ProcessView view, String who, long needed) {
    return Finding.bad(
        view.name(),
        ErrorCode.CLUSTER,
        "its heap is "
            + Sizes.of(view.room().heap())
            + " and "
            + who
            + " need about "
            + Sizes.of(needed)
            + "; set "
            + heapSetting(sight, needed));
  }

  private static String heapSetting(ClusterSnapshot sight, long needed) {
    // A JVM counts a little less than it was given.
    long mebi = needed * 11 / 10 / MEBI + 1;
    return (sight.local() ? "--driver-memory " : "spark.executor.memory=") + mebi + "m";
  }

  private static Optional<Finding> overhead(ClusterSnapshot sight, String who, long needed) {
    long given = MemoryOverhead.granted(sight.conf());
    if (given >= needed) {
      return Optional.empty();
    }
    return Optional.of(
        Finding.bad(
            MemoryOverhead.KEY,
            ErrorCode.CLUSTER,
            "is "
                + given / MEBI
                + "m and "
                + who
                + " need about "
                + Sizes.of(needed)
                + " outside of the heap: the cluster would kill the executor; set "
                + MemoryOverhead.setting(needed)));
  }

  private static void machines(
      ClusterSnapshot sight, String who, long natives, List<Finding> into) {
    for (Map.Entry<String, List<ProcessView>> host : sight.byHost().entrySet()) {
      long machine = host.getValue().get(0).room().machine();
      int count = host.getValue().size();
      long heaps = host.getValue().stream().mapToLong(view -> view.room().heap()).sum();
      if (machine < heaps + count * natives) {
        into.add(
            Finding.bad(
                "memory",
                ErrorCode.CLUSTER,
                host.getKey()
                    + " has "
                    + Sizes.of(machine)
                    + " and its "
                    + (sight.local() ? "process takes " : count + " executors take ")
                    + Sizes.of(heaps)
                    + " of heap and, for "
                    + who
                    + " each, about "
                    + Sizes.of(count * natives)
                    + " outside of it; give fewer executors a machine, a smaller "
                    + (sight.local() ? "--driver-memory" : "spark.executor.memory")
                    + " or a smaller batchSize"));
      }
    }
  }
}
