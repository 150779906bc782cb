package dev.ancestral.job;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.LongStream;

/** Who connects to every port that shows up, says what he should not, and stays. */
public final class Strangers implements AutoCloseable {
  private static final int STORE_MAGIC = 0x3C85F7CE;

  /** What a stranger says. */
  public enum Manner {
    /** Nothing. */
    SILENT,
    /** Bytes at random. */
    GARBAGE,
    /** The beginning of what the store, and of what Gloo, would understand. */
    HALF_A_MESSAGE,
    /** A valid word to the store that sets a key. */
    STORE_SET,
    /** The small number by which Gloo tells its peers from each other, in the peer's place. */
    PEER;

    private List<byte[]> messages() {
      return switch (this) {
        case SILENT -> List.of(new byte[0]);
        case GARBAGE -> List.of(garbage(), garbage());
        case HALF_A_MESSAGE -> List.of(half(), new byte[4]);
        case STORE_SET -> List.of(storeSet());
        case PEER -> LongStream.range(0, 4).mapToObj(Manner::number).toList();
      };
    }

    private static byte[] garbage() {
      byte[] bytes = new byte[1 << 14];
      new Random(7).nextBytes(bytes);
      return bytes;
    }

    private static byte[] number(long number) {
      return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(number).array();
    }

    private static byte[] half() {
      byte[] whole = storeSet();
      return Arrays.copyOf(whole, 16);
    }

    private static byte[] storeSet() {
      ByteBuffer out = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
      out.put((byte) 0).putInt(STORE_MAGIC).put((byte) 1);
      for (String text : new String[] {"init/rank_1", "not an address"}) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        out.putLong(bytes.length).put(bytes);
      }
      return Arrays.copyOf(out.array(), out.position());
    }
  }

  private final Manner manner;
  private final Supplier<Set<Integer>> ports;
  private final Thread thread;
  private final Set<Integer> visited = new HashSet<>();
  private final List<Socket> connections = new ArrayList<>();
  private volatile boolean closed;

  /**
   * Strangers that come at once.
   *
   * @param ports that are open at the moment
   */
  public Strangers(Manner manner, Supplier<Set<Integer>> ports) {
    this.manner = manner;
    this.ports = ports;
    thread = new Thread(this::visit, "strangers");
    thread.setDaemon(true);
    thread.start();
  }

  private void visit() {
    while (!closed) {
      for (int port : ports.get()) {
        synchronized (this) {
          if (!closed && visited.add(port)) {
            manner.messages().forEach(message -> say(port, message));
          }
        }
      }
      try {
        Thread.sleep(1);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void say(int port, byte[] message) {
    try {
      Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
      connections.add(socket);
      socket.getOutputStream().write(message);
      socket.getOutputStream().flush();
    } catch (IOException thrownOut) {
      return; // as it should be
    }
  }

  /** How many ports they have come to. */
  public synchronized int ports() {
    return visited.size();
  }

  /** How many connections they were given. */
  public synchronized int connections() {
    return connections.size();
  }

  @Override
  public void close() throws IOException {
    synchronized (this) {
      closed = true;
      for (Socket socket : connections) {
        socket.close();
      }
    }
  }
}
