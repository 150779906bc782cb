package dev.ancestral.cli.doctor;

import dev.ancestral.Refusal;
import dev.ancestral.job.train.backend.PlainCollectives;
import dev.ancestral.job.train.spec.TransportKind;
import java.util.List;
import java.util.Optional;

/** Whether the cluster demands protected traffic, and what that leaves of the transports. */
final class ProtectionCheck implements Check {
  private static final String WHAT = "protection";

  @Override
  public List<Finding> judge(ClusterSnapshot sight, Optional<Requirements> needs) {
    Optional<String> demanded = PlainCollectives.demanded(sight.conf());
    if (demanded.isEmpty()) {
      return List.of(Finding.good(WHAT, "the cluster demands none"));
    }
    String keys = demanded.get();
    if (sight.local()) {
      return List.of(Finding.good(WHAT, keys + "; exchanges stay in this process"));
    }
    if (needs.isEmpty()) {
      return List.of(
          Finding.doubtful(
              WHAT,
              "demanded by "
                  + keys
                  + ": exchanges go over Spark's shuffle, unless a spec says"
                  + " allowPlainCollectives: true"));
    }
    Requirements asked = needs.get();
    if (asked.transport().filter(TransportKind::protectedBySpark).isPresent()) {
      return List.of(
          Finding.good(WHAT, keys + "; transport: " + asked.train().transport() + " keeps to it"));
    }
    Optional<String> obstacle = PlainCollectives.obstacle(sight.conf(), asked.train());
    if (obstacle.isEmpty()) {
      return List.of(
          Finding.doubtful(
              WHAT,
              "demanded by "
                  + keys
                  + ", but the spec allows plain collectives: gradients and parameters cross the"
                  + " network as they are"));
    }
    return List.of(
        asked.demandsBarrier()
            ? Finding.bad(
                WHAT, Refusal.Kind.CLUSTER, obstacle.get() + ", or set train.transport: spark")
            : Finding.doubtful(WHAT, "transport auto takes spark, because " + obstacle.get()));
  }
}
