package dev.ancestral.tensor.torch;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.io.IOException;
import java.lang.reflect.Field;
import java.lang.reflect.InaccessibleObjectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.Optional;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.javacpp.chrono.Milliseconds;
import org.bytedeco.pytorch.ByteVector;
import org.bytedeco.pytorch.IntOptional;
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
  private final UseCount uses = new UseCount("the store in which replicas meet");

  private RendezvousStore(TCPStore store) {
    this.store = store;
  }

  /**
   * Serves a store on a free port of one address of this host, and on no other address.
   *
   * @param address name or number by which this host is reached
   * @throws AncestralException (CLUSTER) if it is not this host's own, or the JVM does not open
   *     {@code java.base/sun.nio.ch} (spark-submit does)
   */
  public static RendezvousStore serve(String address, long deadlineMillis) {
    Listener listener = Listener.on(address);
    return open(
        listener.host(), listener.port(), Optional.of(listener.descriptor()), deadlineMillis);
  }

  /** Connects to a store. */
  public static RendezvousStore connect(String host, int port, long deadlineMillis) {
    return open(host, port, Optional.empty(), deadlineMillis);
  }

  /**
   * @param listening where this process serves: the descriptor of a bound socket
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
      listening.ifPresent(descriptor -> options.masterListenFd(new IntOptional(descriptor)));
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

    static Listener on(String address) {
      try {
        InetAddress own = InetAddress.getByName(address);
        ServerSocketChannel channel = ServerSocketChannel.open();
        try {
          Field descriptor = channel.getClass().getDeclaredField("fdVal");
          descriptor.setAccessible(true);
          channel.bind(new InetSocketAddress(own, 0));
          int port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
          String host = own.isAnyLocalAddress() ? "localhost" : own.getHostAddress();
          return new Listener(host, port, descriptor.getInt(channel));
        } catch (IOException | ReflectiveOperationException | InaccessibleObjectException e) {
          channel.close();
          throw refused(address, e);
        }
      } catch (IOException e) {
        throw refused(address, e);
      }
    }

    /** libtorch would listen on every address instead. */
    private static AncestralException refused(String address, Exception cause) {
      return new AncestralException(
          ErrorCode.CLUSTER,
          "the store in which replicas meet cannot listen on "
              + address
              + " alone ("
              + cause.getMessage()
              + "); "
              + (cause instanceof IOException
                  ? "set spark.driver.bindAddress to an address of the driver's machine"
                  : "start by spark-submit, or add --add-opens=java.base/sun.nio.ch=ALL-UNNAMED")
              + ", or set train.transport: spark",
          cause);
    }
  }

  /** The port that is listened on or connected to. */
  public int port() {
    return store.getPort() & 0xFFFF;
  }

  /** Writes a value. */
  public void put(String key, byte[] value) {
    uses.run(
        () -> {
          try (PointerScope scope = new PointerScope()) {
            store.set(key, new ByteVector(value));
          }
        });
  }

  /** Whether the key has a value by now. */
  public boolean has(String key) {
    return uses.during(
        () -> {
          try (PointerScope scope = new PointerScope()) {
            return store.check(new StringVector(key));
          }
        });
  }

  /** Reads a value, waiting until there is one; fails after the deadline. */
  public byte[] value(String key) {
    return uses.during(
        () -> {
          try (PointerScope scope = new PointerScope()) {
            return store.get(key).get();
          }
        });
  }

  /** Closes the connection, or stops serving, once no call is under way. */
  @Override
  public void close() {
    uses.close(store::releaseReference);
  }
}
