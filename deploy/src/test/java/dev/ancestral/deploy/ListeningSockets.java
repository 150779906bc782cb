package dev.ancestral.deploy;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Where processes listen, as the kernel says. */
final class ListeningSockets {
  private static final String LISTENING = "0A";

  private ListeningSockets() {}

  /** The IPv4 addresses, one for each port; none if the process has ended. */
  static List<String> addresses(ProcessHandle process) {
    Path proc = Path.of("/proc", Long.toString(process.pid()));
    List<String> addresses = new ArrayList<>();
    try {
      Set<String> sockets = sockets(proc);
      for (String table : new String[] {"tcp", "tcp6"}) {
        for (String line : Files.readAllLines(proc.resolve("net").resolve(table))) {
          String[] fields = line.strip().split("\\s+");
          if (fields.length > 9 && fields[3].equals(LISTENING) && sockets.contains(fields[9])) {
            addresses.add(address(fields[1].substring(0, fields[1].indexOf(':'))));
          }
        }
      }
      return addresses;
    } catch (IOException ended) { // The system may still count it as alive.
      return List.of();
    }
  }

  /** The last four bytes, which the kernel writes as one little-endian number. */
  private static String address(String hexadecimal) {
    String last = hexadecimal.substring(hexadecimal.length() - 8);
    List<String> bytes = new ArrayList<>();
    for (int i = 6; i >= 0; i -= 2) {
      bytes.add(Integer.toString(Integer.parseInt(last.substring(i, i + 2), 16)));
    }
    return String.join(".", bytes);
  }

  private static Set<String> sockets(Path proc) throws IOException {
    Set<String> inodes = new HashSet<>();
    try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(proc.resolve("fd"))) {
      for (Path descriptor : descriptors) {
        try {
          String target = Files.readSymbolicLink(descriptor).toString();
          if (target.startsWith("socket:[")) {
            inodes.add(target.substring("socket:[".length(), target.length() - 1));
          }
        } catch (NoSuchFileException closed) {
          // Since the folder was listed.
        }
      }
    }
    return inodes;
  }
}
