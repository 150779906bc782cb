package dev.ancestral.job.train.backend;

import dev.ancestral.job.train.spec.TrainSpec;
import java.util.List;
import java.util.Optional;
import org.apache.spark.SparkConf;

/**
 * Whether the cluster's settings leave room for Gloo and NCCL, whose connections are neither
 * authenticated nor encrypted.
 */
public final class PlainCollectives {
  /** Settings by which a cluster says that its traffic or its files are to be protected. */
  private static final List<String> PROTECTIONS =
      List.of(
          "spark.authenticate",
          "spark.authenticate.enableSaslEncryption",
          "spark.network.crypto.enabled",
          "spark.io.encryption.enabled",
          "spark.ssl.enabled",
          "spark.ssl.rpc.enabled");

  private PlainCollectives() {}

  /** The settings that ask for protection, separated by commas; empty if none does. */
  public static Optional<String> demanded(SparkConf conf) {
    String all =
        String.join(", ", PROTECTIONS.stream().filter(key -> conf.getBoolean(key, false)).toList());
    return all.isEmpty() ? Optional.empty() : Optional.of(all);
  }

  /** Why Gloo and NCCL are refused, and how to mend it; empty if they are not. */
  public static Optional<String> obstacle(SparkConf conf, TrainSpec spec) {
    return spec.allowPlainCollectives()
        ? Optional.empty()
        : demanded(conf)
            .map(
                keys ->
                    "the cluster demands protected traffic ("
                        + keys
                        + ") and gloo and nccl neither authenticate nor encrypt; set"
                        + " train.allowPlainCollectives: true if the network between the executors"
                        + " is trusted");
  }
}
