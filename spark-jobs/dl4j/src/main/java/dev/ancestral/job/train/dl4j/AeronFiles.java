package dev.ancestral.job.train.dl4j;

import java.io.File;
import java.io.Serializable;
import java.net.DatagramSocket;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * How Aeron, which carries shared gradients, is set up in every process. Its messages pass through
 * files that are mapped into memory, by default below /dev/shm: for each other process one file out
 * and one in, of three terms each.
 *
 * @param termBytes length of a term, a power of two
 * @param onDisk whether the files lie below {@code java.io.tmpdir}, where shared memory is too
 *     small for them
 */
record AeronFiles(int termBytes, boolean onDisk) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** DeepLearning4J's own choice. */
  private static final int LARGEST_TERM = 1 << 25;

  /** A message may take an eighth of a term, and those of DeepLearning4J are cut to 64 KiB. */
  private static final int SMALLEST_TERM = 1 << 20;

  private static final int TERMS = 3;
  private static final int LOG_TAIL = 4096;

  /** Counters and the rings between a process and its media driver. */
  private static final long FIXED = 8L << 20;

  private static final int LARGEST_WINDOW = 1 << 21;

  /** Settings that are ours, in contrast to those that the user made. */
  private static final Map<String, String> OURS = new HashMap<>();

  /**
   * What is free on a machine.
   *
   * @param processes that take part there
   * @param sharedMemory bytes free below /dev/shm, or wherever the user put the files
   * @param temporary bytes free below java.io.tmpdir
   */
  record Room(int processes, long sharedMemory, long temporary) {}

  /** Bytes that a process needs when so many take part. */
  static long needed(int processes, int termBytes) {
    // One publication and one image for each, the process itself among them.
    return FIXED + 2L * processes * ((long) TERMS * termBytes + LOG_TAIL);
  }

  /** Bytes that a process needs at least. */
  static long least(int processes) {
    return needed(processes, SMALLEST_TERM);
  }

  /**
   * The largest terms for which there is room on every machine.
   *
   * @param processes that take part in all
   * @return empty if there is room nowhere
   */
  static Optional<AeronFiles> fitting(int processes, Collection<Room> machines) {
    for (boolean onDisk : new boolean[] {false, true}) {
      for (int term = LARGEST_TERM; term >= SMALLEST_TERM; term /= 2) {
        long each = needed(processes, term);
        if (machines.stream()
            .allMatch(
                room ->
                    room.processes() * each <= (onDisk ? room.temporary() : room.sharedMemory()))) {
          return Optional.of(new AeronFiles(term, onDisk));
        }
      }
    }
    return Optional.empty();
  }

  /** Where the files would lie if nothing were set here. */
  static File place() {
    String given = OURS.containsKey("aeron.dir") ? null : System.getProperty("aeron.dir");
    return given == null ? new File("/dev/shm") : new File(given).getAbsoluteFile().getParentFile();
  }

  /** Sets this process up; to be called before a media driver is launched. */
  synchronized void apply() {
    // Without these two a driver refuses to start: the transport sets the other one to 30 s.
    set("aeron.publication.unblock.timeout", "60s");
    set("aeron.client.liveness.timeout", "30s");
    set("aeron.dir.delete.on.shutdown", "true");
    // One thread for each process instead of three that spin.
    set("aeron.threading.mode", "SHARED");
    set("aeron.term.buffer.length", Integer.toString(termBytes));
    int window = window();
    if (window > 0) {
      set("aeron.socket.so_rcvbuf", Integer.toString(window));
      set("aeron.socket.so_sndbuf", Integer.toString(window));
      set("aeron.rcv.initial.window.length", Integer.toString(Math.min(window, termBytes / 2)));
    }
    if (onDisk) {
      set(
          "aeron.dir",
          Path.of(System.getProperty("java.io.tmpdir"), "aeron-" + UUID.randomUUID()).toString());
    }
  }

  private static void set(String key, String value) {
    String present = System.getProperty(key);
    if (present == null || present.equals(OURS.get(key))) {
      System.setProperty(key, value);
      OURS.put(key, value);
    }
  }

  /** What the system grants a socket, so that a whole update can be under way; 0 if unknown. */
  private static int window() {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.setReceiveBufferSize(LARGEST_WINDOW);
      socket.setSendBufferSize(LARGEST_WINDOW);
      int granted = Math.min(socket.getReceiveBufferSize(), socket.getSendBufferSize());
      return Integer.highestOneBit(Math.min(granted, LARGEST_WINDOW));
    } catch (SocketException e) {
      return 0;
    }
  }
}
