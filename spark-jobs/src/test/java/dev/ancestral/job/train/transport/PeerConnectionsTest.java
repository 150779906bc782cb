package dev.ancestral.job.train.transport;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.job.train.transport.ConnectionTable.Connection;
import dev.ancestral.train.collective.CollectiveException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A connection between two members is one connection, seen from both ends. */
class PeerConnectionsTest {
  private static final InetSocketAddress FIRST = at(1, 5000);
  private static final InetSocketAddress SECOND = at(2, 6000);
  private static final InetSocketAddress END = at(2, 40_000);

  private final PeerConnections listening = connections(0);
  private final PeerConnections connecting = connections(1);
  private final List<Connection> ofConnecting =
      List.of(new Connection(END, FIRST, true), new Connection(SECOND, at(3, 1), true));

  @Test
  void both_ends_know_the_same_connection() {
    String made = connecting.made(ofConnecting);
    assertEquals("0 10.0.0.2 port 40000", made.strip());
    List<Connection> table =
        List.of(new Connection(FIRST, at(9, 7), true), new Connection(FIRST, END, false));
    assertEquals("", listening.made(table));
    List<String> here = listening.matched(List.of("", made), table);
    List<String> there = connecting.matched(List.of("", made), ofConnecting);
    assertEquals(here.get(1), there.get(0));
    assertTrue(here.get(1).contains("40000") && here.get(1).contains("10.0.0.1 port 5000"));
  }

  /** A proxy ends the connection and makes another one, from its own address or port. */
  @ParameterizedTest
  @ValueSource(ints = {2, 7})
  void two_connections_are_not_one(int host) {
    String made = connecting.made(ofConnecting);
    List<Connection> table = List.of(new Connection(FIRST, at(host, 41_000), true));
    CollectiveException refused =
        assertThrows(CollectiveException.class, () -> listening.matched(List.of("", made), table));
    assertEquals(
        "the connection between rank 0 and rank 1 begins at 10.0.0.2 port 40000 there, and at no"
            + " such address here: something stands between them; let executors reach each other"
            + " without proxies and translation of addresses, or set transport: spark",
        refused.getMessage());
  }

  @Test
  void of_two_members_one_connects() {
    CollectiveException refused =
        assertThrows(
            CollectiveException.class, () -> listening.matched(List.of("", ""), ofConnecting));
    assertTrue(refused.getMessage().contains(" was made by neither: "), refused::getMessage);
  }

  /** A connection of a process of this host that is not this one is not this member's. */
  @Test
  void what_another_process_made_was_not_made_here() {
    assertEquals("", connecting.made(List.of(new Connection(END, FIRST, false))));
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void the_kernel_says_between_which_addresses_connections_are(String host) throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getByName(host));
        Socket client = new Socket(server.getInetAddress(), server.getLocalPort())) {
      InetSocketAddress from = (InetSocketAddress) client.getLocalSocketAddress();
      InetSocketAddress to = (InetSocketAddress) client.getRemoteSocketAddress();
      List<Connection> table = ConnectionTable.read();
      assertTrue(table.contains(new Connection(from, to, true)), table::toString);
      // Not accepted yet, so of no process.
      assertTrue(table.contains(new Connection(to, from, false)), table::toString);
      assertFalse(table.contains(new Connection(from, to, false)));
    }
  }

  private static PeerConnections connections(int rank) {
    return new PeerConnections(rank, List.of(FIRST, SECOND), member -> "rank " + member);
  }

  private static InetSocketAddress at(int host, int port) {
    return ConnectionTable.address(new byte[] {10, 0, 0, (byte) host}, port);
  }
}
