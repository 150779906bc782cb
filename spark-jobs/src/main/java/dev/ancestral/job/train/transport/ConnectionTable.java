package dev.ancestral.job.train.transport;

import dev.ancestral.train.collective.CollectiveException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/** The established TCP connections of this host, or of its network namespace, as Linux has them. */
final class ConnectionTable {
  private static final String ESTABLISHED = "01";
  private static final int FIELDS_WITH_INODE = 10;

  /** A connection; own if a socket of this process is at the local end. */
  record Connection(InetSocketAddress local, InetSocketAddress remote, boolean own) {}

  private ConnectionTable() {}

  /**
   * Reads the table.
   *
   * @throws CollectiveException if the kernel does not give it
   */
  static List<Connection> read() {
    List<Connection> all = new ArrayList<>();
    try {
      Set<String> own = ownInodes();
      for (String table : List.of("tcp", "tcp6")) {
        Path file = Path.of("/proc/self/net", table);
        for (String line : Files.exists(file) ? Files.readAllLines(file) : List.<String>of()) {
          String[] fields = line.trim().split("\\s+");
          if (fields.length >= FIELDS_WITH_INODE && fields[3].equals(ESTABLISHED)) {
            boolean mine = own.contains(fields[FIELDS_WITH_INODE - 1]);
            all.add(new Connection(address(fields[1]), address(fields[2]), mine));
          }
        }
      }
    } catch (IOException e) {
      throw new CollectiveException(
          "the kernel does not say between which addresses connections are (/proc/self/net/tcp);"
              + " set transport: spark",
          e);
    }
    return all;
  }

  private static Set<String> ownInodes() throws IOException {
    Set<String> inodes = new HashSet<>();
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors) {
        String target = target(descriptor);
        if (target.startsWith("socket:[")) {
          inodes.add(target.substring("socket:[".length(), target.length() - 1));
        }
      }
    }
    return inodes;
  }

  /** What a descriptor is open on; empty if it was closed since it was listed. */
  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return "";
    }
  }

  /** Hexadecimal words in the machine's byte order, and the port. */
  private static InetSocketAddress address(String text) {
    int colon = text.indexOf(':');
    ByteBuffer words = ByteBuffer.wrap(HexFormat.of().parseHex(text.substring(0, colon)));
    ByteBuffer host = ByteBuffer.allocate(words.capacity()).order(ByteOrder.nativeOrder());
    while (words.hasRemaining()) {
      host.putInt(words.getInt());
    }
    return address(host.array(), Integer.parseInt(text.substring(colon + 1), 16));
  }

  /**
   * An address by its numbers; one of IPv4 in the form of IPv6 is the former.
   *
   * @param host 4 or 16 bytes
   */
  static InetSocketAddress address(byte[] host, int port) {
    try {
      return new InetSocketAddress(InetAddress.getByAddress(host), port);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException(host.length + " bytes are no IP address", e);
    }
  }
}
