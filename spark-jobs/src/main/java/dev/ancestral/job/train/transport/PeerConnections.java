package dev.ancestral.job.train.transport;

import dev.ancestral.job.train.transport.ConnectionTable.Connection;
import dev.ancestral.tensor.torch.LocalStore;
import dev.ancestral.train.collective.CollectiveException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The TCP connections between the members of a Gloo group, as the kernels at both ends know them.
 * Of two members one connects to the port of the other. What passes through a proxy, or a
 * translation of addresses, is two connections, and their ends tell.
 */
final class PeerConnections {
  private static final String ENDS = "ends/";
  private static final short INET = 2; // AF_INET of Linux

  private final int rank;
  private final List<InetSocketAddress> listeners;
  private final IntFunction<String> members;

  /**
   * @param rank of this member
   * @param listeners where Gloo listens, by rank
   * @param members what a rank is called in messages
   */
  PeerConnections(int rank, List<InetSocketAddress> listeners, IntFunction<String> members) {
    this.rank = rank;
    this.listeners = listeners;
    this.members = members;
  }

  /**
   * Tells the others which connections this member made, and compares what they made with what
   * arrived here. What a member writes first is where its Gloo listens.
   *
   * @return each connection by the rank at its other end, the same text at both ends
   * @throws CollectiveException naming the member whose connection has other ends there than here
   */
  static List<String> agree(
      LocalStore local, StoreBridge bridge, int rank, int size, IntFunction<String> members) {
    List<InetSocketAddress> listeners = new ArrayList<>();
    for (int member = 0; member < size; member++) {
      listeners.add(listener(bridge.first(member)));
    }
    PeerConnections connections = new PeerConnections(rank, listeners, members);
    String own = connections.made(ConnectionTable.read());
    local.put(ENDS + rank, own.getBytes(StandardCharsets.US_ASCII));
    List<String> made = new ArrayList<>();
    for (int member = 0; member < size; member++) {
      made.add(new String(bridge.value(member, ENDS + member), StandardCharsets.US_ASCII));
    }
    return connections.matched(made, ConnectionTable.read());
  }

  /** The connections that this member made, a line each: the rank, and the own end. */
  String made(List<Connection> table) {
    StringBuilder lines = new StringBuilder();
    for (Connection each : table) {
      int other = listeners.indexOf(each.remote());
      if (each.own() && other >= 0) {
        lines.append(other).append(' ').append(text(each.local())).append('\n');
      }
    }
    return lines.toString();
  }

  /**
   * The connections of this member by the rank at their other ends.
   *
   * @param made by each member
   * @param table of this host
   */
  List<String> matched(List<String> made, List<Connection> table) {
    List<String> matched = new ArrayList<>();
    for (int other = 0; other < listeners.size(); other++) {
      List<String> here = ends(made.get(rank), other);
      List<String> there = ends(made.get(other), rank);
      // What was made here is looked for there.
      if (other != rank
          && here.isEmpty()
          && there.stream().noneMatch(end -> table.stream().anyMatch(each -> arrived(each, end)))) {
        throw mismatch(
            other,
            there.isEmpty()
                ? "was made by neither"
                : "begins at " + there.get(0) + " there, and at no such address here");
      }
      int first = Math.min(rank, other);
      int second = Math.max(rank, other);
      matched.add(
          ends(made.get(first), second)
              + " to "
              + text(listeners.get(second))
              + ", "
              + ends(made.get(second), first)
              + " to "
              + text(listeners.get(first)));
    }
    return matched;
  }

  private boolean arrived(Connection connection, String from) {
    return connection.local().equals(listeners.get(rank)) && text(connection.remote()).equals(from);
  }

  private CollectiveException mismatch(int other, String how) {
    return new CollectiveException(
        "the connection between "
            + members.apply(rank)
            + " and "
            + members.apply(other)
            + " "
            + how
            + ": something stands between them; let executors reach each other without proxies and"
            + " translation of addresses, or set transport: spark");
  }

  private static List<String> ends(String made, int to) {
    String prefix = to + " ";
    return made.lines()
        .filter(line -> line.startsWith(prefix))
        .map(line -> line.substring(prefix.length()))
        .toList();
  }

  private static String text(InetSocketAddress address) {
    return address.getAddress().getHostAddress() + " port " + address.getPort();
  }

  /**
   * Where a member listens, in what Gloo's TCP transport publishes of it: the length of the host's
   * name and the name, the length of the address and a {@code sockaddr_storage}, then more.
   */
  private static InetSocketAddress listener(byte[] published) {
    ByteBuffer fields = ByteBuffer.wrap(published).order(ByteOrder.nativeOrder());
    int address = Long.BYTES + Math.toIntExact(fields.getLong(0)) + Long.BYTES;
    boolean four = fields.getShort(address) == INET;
    int port = Short.toUnsignedInt(fields.order(ByteOrder.BIG_ENDIAN).getShort(address + 2));
    byte[] host = new byte[four ? 4 : 16];
    fields.get(address + (four ? 4 : 8), host);
    return ConnectionTable.address(host, port);
  }
}
