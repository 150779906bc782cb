package dev.ancestral.job;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/** On which TCP ports processes listen, as the kernel says. */
public final class ListeningSockets {
  private static final String LISTENING = "0A";

  private ListeningSockets() {}

  /** The ports of this process. */
  public static Set<Integer> own() {
    return of(Set.of(ProcessHandle.current().pid()));
  }

  /** The ports of some processes; one that has ended has none. */
  public static Set<Integer> of(Collection<Long> processes) {
    Set<Integer> ports = new TreeSet<>();
    for (long process : processes) {
      try {
        Set<String> sockets = sockets(process); // fails where the process has ended
        for (String table : new String[] {"tcp", "tcp6"}) {
          for (String line : Files.readAllLines(Path.of("/proc/" + process + "/net/" + table))) {
            String[] fields = line.trim().split("\\s+");
            if (fields.length > 9 && fields[3].equals(LISTENING) && sockets.contains(fields[9])) {
              ports.add(Integer.parseInt(fields[1].substring(fields[1].indexOf(':') + 1), 16));
            }
          }
        }
      } catch (IOException ended) {
        assert !ProcessHandle.of(process).map(ProcessHandle::isAlive).orElse(false) : ended;
      }
    }
    return ports;
  }

  /** The inodes of a process's sockets. */
  private static Set<String> sockets(long process) throws IOException {
    Set<String> inodes = new HashSet<>();
    try (DirectoryStream<Path> descriptors =
        Files.newDirectoryStream(Path.of("/proc/" + process + "/fd"))) {
      for (Path descriptor : descriptors) {
        String target;
        try {
          target = Files.readSymbolicLink(descriptor).toString();
        } catch (IOException closed) {
          continue;
        }
        if (target.startsWith("socket:[")) {
          inodes.add(target.substring("socket:[".length(), target.length() - 1));
        }
      }
    }
    return inodes;
  }
}
