package dev.ancestral.job.output;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Which process of the world one is, so that another on the same machine can tell whether it is
 * still there.
 *
 * @param host name for people
 * @param machine boot and process name space of the kernel, which no two machines or containers
 *     share; empty where the system does not tell
 * @param pid within them
 * @param started ticks from the boot to the start of the process, since a pid is used again
 */
record ProcessIdentity(String host, String machine, long pid, String started) {
  private static final Path PROC = Path.of("/proc");
  // Fields of /proc/PID/stat after the name of the program, which may hold anything.
  private static final int STATE = 0;
  private static final int START = 19;

  /** Of this process. */
  static ProcessIdentity own() {
    return Own.IDENTITY;
  }

  private static final class Own {
    static final ProcessIdentity IDENTITY = find();
  }

  private static ProcessIdentity find() {
    long pid = ProcessHandle.current().pid();
    String started = "";
    try {
      started = stat(pid)[START];
    } catch (IOException e) {
      // Not Linux: another process waits for a sign of life instead.
    }
    return new ProcessIdentity(hostName(), thisMachine(), pid, started);
  }

  /** Whether it ran on this machine, so that its end can be seen. */
  boolean isOfThisMachine() {
    return !machine.isEmpty() && !started.isEmpty() && machine.equals(thisMachine());
  }

  /** Of a process of this machine: whether it is still there. */
  boolean isRunning() {
    try {
      String[] stat = stat(pid);
      boolean ended = stat[STATE].equals("Z") || stat[STATE].equals("X");
      return !ended && stat[START].equals(started);
    } catch (NoSuchFileException e) {
      return false;
    } catch (IOException e) {
      return true; // It cannot be told: nothing is taken from it.
    }
  }

  private static String[] stat(long pid) throws IOException {
    String line = Files.readString(PROC.resolve(pid + "/stat"));
    return line.substring(line.lastIndexOf(')') + 2).split(" ");
  }

  private static String thisMachine() {
    try {
      return Files.readString(PROC.resolve("sys/kernel/random/boot_id")).strip()
          + " "
          + Files.readSymbolicLink(PROC.resolve("self/ns/pid"));
    } catch (IOException | UnsupportedOperationException e) {
      return "";
    }
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "a host without a name";
    }
  }
}
