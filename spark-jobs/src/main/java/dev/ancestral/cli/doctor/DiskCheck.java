package dev.ancestral.cli.doctor;

import dev.ancestral.ErrorCode;
import dev.ancestral.job.train.replica.MemoryEstimate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Room on the executors' disks, and whether they see what the driver sees. */
final class DiskCheck implements Check {
  private static final long LITTLE = 2L << 30;

  /** Unpacked native libraries, which a process maps from there. */
  private static final long NATIVES = 400L << 20;

  private static final long SPILL_BASE = 200L << 20;

  /** An exchange's pieces and sums, of this exchange and the one before. */
  private static final long SHUFFLE_COPIES = 4;

  @Override
  public List<Finding> judge(ClusterSnapshot sight, Optional<Requirements> needs) {
    List<Finding> findings = new ArrayList<>();
    long spill = SPILL_BASE;
    if (needs.isPresent() && needs.get().willShuffle(sight)) {
      int replicas = needs.get().replicasAnExecutor(sight);
      spill +=
          SHUFFLE_COPIES
              * replicas
              * Float.BYTES
              * needs.get().footprint().map(MemoryEstimate::sharedFloats).orElse(0L);
    }
    for (ProcessView view : sight.executors()) {
      disk(view, "spark.local.dir", view.room().localDisk(), spill, findings);
      disk(view, "java.io.tmpdir", view.room().temporaryDisk(), NATIVES, findings);
      if (view.unseen().data() != null) {
        findings.add(
            Finding.bad(
                view.name(),
                ErrorCode.CLUSTER,
                "does not see "
                    + view.unseen().data()
                    + "; put data and output on a file system that all machines share"));
      }
      if (view.unseen().output() != null) {
        findings.add(
            Finding.bad(
                view.name(),
                ErrorCode.CLUSTER,
                "cannot write in "
                    + view.unseen().output()
                    + "; give the user that executors run as the right to, or put the output on a"
                    + " file system that all machines share"));
      }
    }
    if (findings.isEmpty()) {
      findings.add(Finding.good("disks", "room on every executor, which see data and output"));
    }
    return findings;
  }

  private static void disk(
      ProcessView view, String setting, long free, long needed, List<Finding> into) {
    String detail = setting + " has " + Sizes.of(free) + " free";
    if (free < needed) {
      into.add(
          Finding.bad(
              view.name(),
              ErrorCode.CLUSTER,
              detail
                  + " and about "
                  + Sizes.of(needed)
                  + " are needed; make room, or point it to a larger disk"));
    } else if (free < LITTLE) {
      into.add(Finding.doubtful(view.name(), detail + ": that is little"));
    }
  }
}
