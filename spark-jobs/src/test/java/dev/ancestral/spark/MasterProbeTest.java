package dev.ancestral.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class MasterProbeTest {

  private static MasterProbe probe(String master, Map<String, String> hadoop) {
    Configuration configuration = new Configuration(false);
    hadoop.forEach(configuration::set);
    return new MasterProbe(
        new SparkConf(false).set("spark.master", master).set(MasterProbe.TIMEOUT, "1s"),
        configuration);
  }

  private static String refused(String master, Map<String, String> hadoop) {
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> probe(master, hadoop).requireAnswer(), master);
    assertEquals(ErrorCode.INTERRUPTED, refusal.code());
    return refusal.getMessage();
  }

  /** A port that refuses: it was free a moment ago, and nothing listens at it. */
  private static int closedPort() throws IOException {
    try (ServerSocket socket = listening()) {
      return socket.getLocalPort();
    }
  }

  private static ServerSocket listening() throws IOException {
    return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  @Test
  void a_cluster_manager_that_does_not_answer_is_named() throws IOException {
    int port = closedPort();
    String master = "spark://127.0.0.1:" + port;
    String message = refused(master, Map.of());
    assertTrue(message.startsWith("no master answers at " + master + " ("), message);
    assertTrue(message.contains("asked for 1 s); start it or correct --master"), message);
    message = refused("k8s://https://127.0.0.1:" + port, Map.of());
    assertTrue(message.startsWith("no API server answers at k8s://https://127.0.0.1:"), message);
    message = refused("yarn", Map.of("yarn.resourcemanager.address", "127.0.0.1:" + port));
    assertTrue(message.startsWith("no ResourceManager answers at 127.0.0.1:" + port), message);
    message =
        refused(
            "yarn",
            Map.of(
                "yarn.resourcemanager.ha.enabled", "true",
                "yarn.resourcemanager.ha.rm-ids", "a, b",
                "yarn.resourcemanager.address.a", "127.0.0.1:" + port,
                "yarn.resourcemanager.hostname.b", "no-such-host.invalid"));
    assertTrue(message.contains(port + ",no-such-host.invalid:8032"), message);
  }

  @Test
  void one_of_several_masters_is_enough() throws IOException {
    try (ServerSocket master = listening()) {
      int closed = closedPort();
      probe("spark://127.0.0.1:" + closed + ",127.0.0.1:" + master.getLocalPort(), Map.of())
          .requireAnswer();
    }
  }

  @Test
  void without_a_cluster_manager_nothing_is_asked() {
    for (String master : new String[] {"local", "local[2]", "local-cluster[2,1,1024]", "yarn"}) {
      probe(master, Map.of()).requireAnswer();
    }
  }

  @Test
  void an_address_without_a_host_is_a_wrong_command_line() {
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> probe("spark://", Map.of()).requireAnswer());
    assertEquals(ErrorCode.SPEC, refusal.code());
  }
}
