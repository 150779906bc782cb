package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.job.train.transport.ReachabilityProbe;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReachabilityProbeTest {
  private static final long TIMEOUT_MILLIS = 20_000;

  private static ReachabilityProbe.Peer peer(String host, int port) {
    return new ReachabilityProbe.Peer("replica 1 on " + host, host, port);
  }

  private static Optional<String> missing(ReachabilityProbe.Peer... peers) {
    return ReachabilityProbe.missing("replica 0 on here", List.of(peers), TIMEOUT_MILLIS);
  }

  @Test
  void names_the_first_that_is_not_reached() throws IOException {
    InetAddress host = InetAddress.getByName("127.0.0.2");
    try (ServerSocket server = new ServerSocket(0, 1, host)) {
      int port = server.getLocalPort();
      assertEquals(Optional.empty(), missing(peer("127.0.0.2", port)));
      // Nobody listens there: a host whose name leads elsewhere on itself.
      String said = missing(peer("127.0.0.2", port), peer("127.0.0.3", port)).orElseThrow();
      assertTrue(
          said.startsWith("replica 0 on here does not reach replica 1 on 127.0.0.3 (port " + port),
          said);
      assertTrue(said.contains("is no loopback address on its own host"), said);
    }
  }

  @Test
  void says_that_a_host_is_not_known() {
    String said = missing(peer("no-such-host.invalid", 1)).orElseThrow();
    assertTrue(said.contains("does not reach replica 1 on no-such-host.invalid (port 1, "), said);
  }
}
