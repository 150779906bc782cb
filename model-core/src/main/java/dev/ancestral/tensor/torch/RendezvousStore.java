package dev.ancestral.tensor.torch;

import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.ByteVector;
import org.bytedeco.pytorch.IntOptional;
import org.bytedeco.pytorch.PrefixStore;
import org.bytedeco.pytorch.Store;
import org.bytedeco.pytorch.StringVector;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * A small key-value store over TCP by which the processes of a group find each other: one process
 * serves it, the others connect. It has no authentication: any process that reaches its port can
 * read, list, change and delete its entries, so every value read from it carries a proof of its
 * origin.
 */
@SuppressWarnings("try") // a scope is there for what it closes
public final class RendezvousStore implements AutoCloseable {
  static {
    TorchLibrary.load();
    // Reads TORCH_CPP_LOG_LEVEL, which Python would do: where addresses have no names, every
    // connection
    // is warned of.
    torch.initLogging();
  }

  private final TCPStore store;
  private boolean closed;

  private RendezvousStore(TCPStore store) {
    this.store = store;
  }

  /**
   * Serves a store on a free port of one address of this host; of all of them where the address is
   * not this host's own, or the JVM does not open {@code java.base/sun.nio.ch} (spark-submit does).
   *
   * @param address name or number by which this host is reached
   */
  public static RendezvousStore serve(String address, long deadlineMillis) {
    Optional<Listener> own = Listener.on(address);
    if (own.isEmpty()) {
      return open("0.0.0.0", 0, Optional.of(-1), deadlineMillis);
    }
    Listener listener = own.get();
    return open(
        listener.host(), listener.port(), Optional.of(listener.descriptor()), deadlineMillis);
  }

  /** Connects to a store. */
  public static RendezvousStore connect(String host, int port, long deadlineMillis) {
    return open(host, port, Optional.empty(), deadlineMillis);
  }

  /**
   * @param listening where this process serves: the descriptor of a bound socket, or −1 to bind one
   */
  private static RendezvousStore open(
      String host, int port, Optional<Integer> listening, long deadlineMillis) {
    try (PointerScope scope = new PointerScope()) {
      TCPStoreOptions options =
          new TCPStoreOptions()
              .port((short) port)
              .isServer(listening.isPresent())
              .waitWorkers(false)
              .timeout(new Milliseconds(deadlineMillis));
      if (listening.isPresent() && listening.get() >= 0) {
        options.masterListenFd(new IntOptional(listening.get()));
      }
      TCPStore store = new TCPStore(host, options);
      store.retainReference();
      return new RendezvousStore(store);
    }
  }

  /**
   * A bound socket that libtorch takes over: it would bind to every interface itself. Java's object
   * is left to the garbage collector, which closes no channel.
   */
  private record Listener(String host, int port, int descriptor) {

    static Optional<Listener> on(String address) {
      try {
        InetAddress own = InetAddress.getByName(address);
        ServerSocketChannel channel = ServerSocketChannel.open();
        try {
          Field descriptor = channel.getClass().getDeclaredField("fdVal");
          descriptor.setAccessible(true);
          channel.bind(new InetSocketAddress(own, 0));
          int port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
          String host = own.isAnyLocalAddress() ? "localhost" : own.getHostAddress();
          return Optional.of(new Listener(host, port, descriptor.getInt(channel)));
        } catch (IOException | ReflectiveOperationException | InaccessibleObjectException e) {
          channel.close();
          return Optional.empty();
        }
      } catch (IOException e) {
        return Optional.empty();
      }
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

  /**
   * A connection of its own for a group, whose keys begin with a name.
   *
   * <p>Only clones are counted: what a constructor of a store makes is deleted by its Java object,
   * while a group that was given it would count references to it, and delete it once more.
   */
  Store connection(String name) {
    Store counted = new PrefixStore(name, store.clone()).clone();
    counted.setTimeout(store.getTimeout());
    return counted;
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
