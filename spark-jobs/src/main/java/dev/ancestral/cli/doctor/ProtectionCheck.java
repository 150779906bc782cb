package dev.ancestral.cli.doctor;

import dev.ancestral.ErrorCode;
import dev.ancestral.job.train.backend.PlainCollectives;
import dev.ancestral.job.train.spec.TransportKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Whether the cluster demands protected traffic, what that leaves of the transports, and whether
 * Spark's encryption finds what was altered.
 */
final class ProtectionCheck implements Check {
  private static final String WHAT = "protection";
  private static final String ENCRYPTED = "spark.network.crypto.enabled";
  private static final String CIPHER = "spark.network.crypto.cipher";
  private static final String SPARKS_OWN = "AES/CTR/NoPadding";

  @Override
  public List<Finding> judge(ClusterSnapshot sight, Optional<Requirements> needs) {
    List<Finding> findings = new ArrayList<>(transports(sight, needs));
    if (sight.conf().getBoolean(ENCRYPTED, false) && !sight.local()) {
      String cipher = sight.conf().get(CIPHER, SPARKS_OWN);
      findings.add(
          Finding.doubtful(
              CIPHER,
              cipher.toUpperCase(Locale.ROOT).contains("/GCM/")
                  ? "is "
                      + cipher
                      + ", with which Spark 3.5 loses messages, so that executors do not come or"
                      + " jobs hang (SPARK-56227); leave it out, unless this Spark has that mended"
                  : "is "
                      + cipher
                      + ", which hides what is sent but does not tell when it was altered on the"
                      + " way, and Spark 3.5 has none that does and works; keep strangers off the"
                      + " path: network policies, IPsec or WireGuard"));
    }
    return findings;
  }

  private static List<Finding> transports(ClusterSnapshot sight, Optional<Requirements> needs) {
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
                WHAT, ErrorCode.CLUSTER, obstacle.get() + ", or set train.transport: spark")
            : Finding.doubtful(WHAT, "transport auto takes spark, because " + obstacle.get()));
  }
}
