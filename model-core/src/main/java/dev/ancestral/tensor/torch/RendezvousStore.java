package dev.ancestral.tensor.torch;

import dev.ancestral.tensor.NativeLimits;
import java.nio.charset.StandardCharsets;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.ByteVector;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.StringVector;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;

/**
 * A small key-value store over TCP by which the processes of a group find each other: one process
 * serves it, the others connect. It listens on every interface and knows no authentication.
 */
@SuppressWarnings("try") // a scope is there for what it closes
public final class RendezvousStore implements AutoCloseable {
  static {
    NativeLimits.lift();
  }

  private final TCPStore store;
  private boolean closed;

  private RendezvousStore(TCPStore store) {
    this.store = store;
  }

  /** Serves a store on a free port of this host. */
  public static RendezvousStore serve(long deadlineMillis) {
    return open("0.0.0.0", 0, true, deadlineMillis);
  }

  /** Connects to a store. */
  public static RendezvousStore connect(String host, int port, long deadlineMillis) {
    return open(host, port, false, deadlineMillis);
  }

  private static RendezvousStore open(String host, int port, boolean serve, long deadlineMillis) {
    try (PointerScope scope = new PointerScope()) {
      TCPStoreOptions options =
          new TCPStoreOptions()
              .port((short) port)
              .isServer(serve)
              .waitWorkers(false)
              .timeout(new Milliseconds(deadlineMillis));
      TCPStore store = new TCPStore(host, options);
      store.retainReference();
      return new RendezvousStore(store);
    }
  }

  /** The port that is listened on or connected to. */
  public int port() {
    return store.getPort() & 0xFFFF;
  }

  /** Writes a value. */
  public void put(String key, String value) {
    try (PointerScope scope = new PointerScope()) {
      store.set(key, new ByteVector(value.getBytes(StandardCharsets.UTF_8)));
    }
  }

  /** Whether the key has a value by now. */
  public boolean has(String key) {
    try (PointerScope scope = new PointerScope()) {
      return store.check(new StringVector(key));
    }
  }

  /** Reads a value, waiting until there is one; fails after the deadline. */
  public String value(String key) {
    try (PointerScope scope = new PointerScope()) {
      return new String(store.get(key).get(), StandardCharsets.UTF_8);
    }
  }

  Store store() {
    return store;
  }

  /** Closes the connection, or stops serving. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      store.releaseReference();
    }
  }
}
