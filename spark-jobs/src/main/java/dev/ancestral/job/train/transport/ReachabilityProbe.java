package dev.ancestral.job.train.transport;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Connects to other processes before libtorch does, which would try for several times its deadline
 * and would not name the process that it did not reach.
 */
public final class ReachabilityProbe {
  private ReachabilityProbe() {}

  /**
   * Another process.
   *
   * @param name for messages
   * @param host by which it is reached
   * @param port at which Spark serves blocks there
   */
  public record Peer(String name, String host, int port) {}

  /**
   * The first link that is not there, with the reason; empty if all are. Connections are made and
   * closed, nothing is sent.
   *
   * @param name of this process, for messages
   * @param timeoutMillis for all of them
   */
  public static Optional<String> missing(String name, List<Peer> peers, long timeoutMillis) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    for (Peer peer : peers) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      try (Socket socket = new Socket()) {
        socket.connect(new InetSocketAddress(peer.host(), peer.port()), (int) Math.max(1, left));
      } catch (IOException e) {
        return Optional.of(
            name
                + " does not reach "
                + peer.name()
                + " (port "
                + peer.port()
                + ", "
                + (e.getMessage() == null ? e : e.getMessage())
                + "); check the network between them, and that "
                + peer.host()
                + " is no loopback address on its own host");
      }
    }
    return Optional.empty();
  }
}
