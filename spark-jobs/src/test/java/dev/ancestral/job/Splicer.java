package dev.ancestral.job;

import dev.ancestral.job.train.transport.GroupSecret;
import dev.ancestral.train.collective.CollectiveException;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.ByteVector;
import org.bytedeco.pytorch.StringVector;
import org.bytedeco.pytorch.TCPStore;
import org.bytedeco.pytorch.TCPStoreOptions;

/**
 * A man in the middle who reaches the store in which members meet: he lists its entries, writes his
 * own address in the place of every one of 127.0.0.1 that he finds, and passes on what then comes
 * to him.
 */
@SuppressWarnings("try") // a scope is there for what it closes
public final class Splicer implements AutoCloseable {
  private static final String HOST = "127.0.0.1";
  private static final int ADDRESS_BYTES = 8;

  private final TCPStore store;
  private final GroupSecret keys;
  private final Set<String> seen = new HashSet<>();
  private final AtomicInteger entries = new AtomicInteger();
  private final AtomicInteger connections = new AtomicInteger();
  private final ByteArrayOutputStream heard = new ByteArrayOutputStream();
  private final List<Closeable> sockets = new CopyOnWriteArrayList<>();
  private final Thread thread = new Thread(this::watch, "splicer");
  private volatile boolean closed;

  /**
   * @param port of the store
   * @param keys with which he tries to open its values; what he cannot open he takes as it is
   */
  public Splicer(int port, GroupSecret keys) {
    this.keys = keys;
    store = new TCPStore(HOST, new TCPStoreOptions().port((short) port).waitWorkers(false));
    thread.start();
  }

  /** How many entries he has looked at and, where he could, changed. */
  public int entries() {
    return entries.get();
  }

  /** How many connections came to him. */
  public int connections() {
    return connections.get();
  }

  /** Whether bytes passed through him. */
  public boolean heard(byte[] bytes) {
    synchronized (heard) {
      return indexOf(heard.toByteArray(), bytes) >= 0;
    }
  }

  private void watch() {
    while (!closed) {
      try (PointerScope scope = new PointerScope()) {
        StringVector listed = store.listKeys();
        for (long i = 0; i < listed.size(); i++) {
          String key = listed.get(i).getString();
          if (seen.add(key) && !key.startsWith("init/")) {
            direct(key.startsWith("/") ? key.substring(1) : key);
            entries.incrementAndGet();
          }
        }
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
      try {
        Thread.sleep(1);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void direct(String key) throws IOException {
    byte[] value = store.get(key).get();
    boolean opened = true;
    byte[] plain = value;
    try {
      plain = keys.open(key, value);
    } catch (CollectiveException sealedByOthers) {
      opened = false;
    }
    if (redirect(plain)) {
      store.set(key, new ByteVector(opened ? keys.seal(key, plain) : plain));
    }
  }

  /** Puts his own port into a {@code sockaddr_in} of the host: family, port, address. */
  private boolean redirect(byte[] plain) throws IOException {
    for (int at = 0; at + ADDRESS_BYTES <= plain.length; at++) {
      ByteBuffer address = ByteBuffer.wrap(plain, at, ADDRESS_BYTES);
      if (address.getShort() == 0x0200) {
        int port = Short.toUnsignedInt(address.getShort());
        if (address.getInt() == 0x7f000001) {
          ServerSocket own = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
          sockets.add(own);
          start(() -> accept(own, port));
          ByteBuffer.wrap(plain).putShort(at + Short.BYTES, (short) own.getLocalPort());
          return true;
        }
      }
    }
    return false;
  }

  private void accept(ServerSocket own, int port) {
    try {
      while (true) {
        Socket from = own.accept();
        Socket to = new Socket(InetAddress.getLoopbackAddress(), port);
        sockets.add(from);
        sockets.add(to);
        connections.incrementAndGet();
        start(() -> pass(from, to));
        start(() -> pass(to, from));
      }
    } catch (IOException closedByTest) {
      return;
    }
  }

  private void pass(Socket from, Socket to) {
    try (from;
        to;
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      byte[] buffer = new byte[1 << 12];
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        synchronized (heard) {
          heard.write(buffer, 0, count);
        }
        out.write(buffer, 0, count);
      }
    } catch (IOException closedByAnEnd) {
      return;
    }
  }

  private static void start(Runnable work) {
    Thread thread = new Thread(work, "splicer");
    thread.setDaemon(true);
    thread.start();
  }

  private static int indexOf(byte[] text, byte[] part) {
    return new String(text, StandardCharsets.ISO_8859_1)
        .indexOf(new String(part, StandardCharsets.ISO_8859_1));
  }

  @Override
  public void close() throws IOException {
    closed = true;
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    for (Closeable socket : sockets) {
      socket.close();
    }
    store.close();
  }
}
