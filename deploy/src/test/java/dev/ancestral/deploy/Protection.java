package dev.ancestral.deploy;

import dev.ancestral.job.train.backend.PlainCollectives;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.SparkConf;
import org.apache.spark.network.util.MapConfigProvider;
import org.apache.spark.network.util.TransportConf;

/** Whether settings have Spark authenticate and encrypt, by Spark's own reading of them. */
final class Protection {
  private Protection() {}

  /** What the settings leave open. */
  static List<String> missing(Map<String, String> settings) {
    SparkConf conf = new SparkConf(false);
    settings.forEach(conf::set);
    TransportConf transport = new TransportConf("rpc", new MapConfigProvider(settings));
    List<String> missing = new ArrayList<>();
    if (!conf.getBoolean("spark.authenticate", false)) {
      missing.add("authentication");
    }
    if (!transport.encryptionEnabled()) {
      missing.add("encryption of what is sent");
    }
    // Spark 3.5 loses messages with AES/GCM (SPARK-56227): executors do not come.
    if (transport.cipherTransformation().contains("GCM")) {
      missing.add("a cipher that works");
    }
    if (transport.authEngineVersion() < 2) {
      missing.add("keys derived from the exchanged secret");
    }
    if (!conf.getBoolean("spark.io.encryption.enabled", false)) {
      missing.add("encryption of what is spilled");
    }
    if (PlainCollectives.demanded(conf).isEmpty()) {
      missing.add("a refusal of gloo");
    }
    return missing;
  }
}
