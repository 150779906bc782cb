package dev.ancestral.spark;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.Failures;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;

/**
 * Whether the cluster manager that is to give executors takes connections: Spark itself waits for
 * minutes for one that does not, and says only that there are no slots.
 */
final class MasterProbe {
  /** How long it is waited for. */
  static final String TIMEOUT = "spark.ancestral.master.timeout";

  private static final String STANDALONE = "spark://";
  private static final String KUBERNETES = "k8s://";
  private static final String YARN = "yarn";
  private static final int YARN_PORT = 8032;
  private static final long BETWEEN_MILLIS = 500;
  private static final int CONNECT_MILLIS = 3000;

  private final SparkConf conf;
  private final Configuration hadoop;

  /**
   * @param hadoop where the ResourceManager of YARN is named
   */
  MasterProbe(SparkConf conf, Configuration hadoop) {
    this.conf = conf;
    this.hadoop = hadoop;
  }

  /**
   * Waits until one of the addresses takes a connection.
   *
   * @throws AncestralException (INTERRUPTED) if none does in time
   */
  void requireAnswer() {
    String master = conf.get("spark.master", "");
    List<InetSocketAddress> addresses = addresses(master);
    if (addresses.isEmpty()) {
      return;
    }
    long seconds = conf.getTimeAsSeconds(TIMEOUT, "10s");
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    List<String> failures;
    do {
      failures = new ArrayList<>();
      for (InetSocketAddress address : addresses) {
        String failure = failure(address, deadline);
        if (failure.isEmpty()) {
          return;
        }
        failures.add(failure);
      }
      pause();
    } while (System.nanoTime() < deadline);
    throw new AncestralException(
        ErrorCode.INTERRUPTED,
        String.format(
            Locale.ROOT,
            "no %s answers at %s (%s, asked for %d s); start it or correct --master, then run the"
                + " same command again",
            name(master),
            master.equals(YARN) ? text(addresses) : master,
            String.join("; ", failures),
            seconds));
  }

  /**
   * Where the cluster manager listens; none where there is none, or where it started the driver.
   */
  private List<InetSocketAddress> addresses(String master) {
    if ("cluster".equals(conf.get("spark.submit.deployMode", "client"))) {
      return List.of();
    }
    if (master.startsWith(STANDALONE)) {
      return Arrays.stream(master.substring(STANDALONE.length()).split(","))
          .map(address -> unresolved(STANDALONE + address, 7077))
          .toList();
    }
    if (master.startsWith(KUBERNETES)) {
      String server = master.substring(KUBERNETES.length());
      String uri = server.contains("://") ? server : "https://" + server;
      return List.of(unresolved(uri, uri.startsWith("http:") ? 80 : 443));
    }
    return master.equals(YARN) ? resourceManagers() : List.of();
  }

  private List<InetSocketAddress> resourceManagers() {
    Configuration yarn = new Configuration(hadoop);
    yarn.addResource("yarn-site.xml");
    List<String> suffixes = new ArrayList<>();
    if (yarn.getBoolean("yarn.resourcemanager.ha.enabled", false)) {
      for (String id : yarn.getTrimmedStrings("yarn.resourcemanager.ha.rm-ids")) {
        suffixes.add("." + id);
      }
    }
    if (suffixes.isEmpty()) {
      suffixes.add("");
    }
    List<InetSocketAddress> addresses = new ArrayList<>();
    for (String suffix : suffixes) {
      String host = yarn.getTrimmed("yarn.resourcemanager.hostname" + suffix, "");
      String address = yarn.getTrimmed("yarn.resourcemanager.address" + suffix, "");
      if (address.isEmpty() || address.contains("${")) {
        address = host.isEmpty() ? "" : host + ":" + YARN_PORT;
      }
      if (!address.isEmpty()) {
        addresses.add(unresolved("rm://" + address, YARN_PORT));
      }
    }
    return addresses; // None where another file than ours names it: YARN's client finds out then.
  }

  private static InetSocketAddress unresolved(String address, int usualPort) {
    try {
      URI uri = new URI(address);
      if (uri.getHost() != null) {
        return InetSocketAddress.createUnresolved(
            uri.getHost(), uri.getPort() < 0 ? usualPort : uri.getPort());
      }
    } catch (URISyntaxException e) {
      // As one without a host.
    }
    throw new AncestralException(
        ErrorCode.SPEC, "the address " + address + " names no host and port; correct --master");
  }

  /** Why no connection is made; empty if one is. */
  private static String failure(InetSocketAddress address, long deadline) {
    long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
    try (Socket socket = new Socket()) {
      socket.connect(
          new InetSocketAddress(address.getHostString(), address.getPort()),
          (int) Math.max(1, Math.min(CONNECT_MILLIS, left)));
      return "";
    } catch (IOException e) {
      String why = e instanceof java.net.UnknownHostException ? "unknown host" : e.getMessage();
      return address.getHostString() + ":" + address.getPort() + ": " + why;
    }
  }

  private static void pause() {
    try {
      Thread.sleep(BETWEEN_MILLIS);
    } catch (InterruptedException e) {
      throw Failures.interrupted(e);
    }
  }

  private static String name(String master) {
    return master.equals(YARN)
        ? "ResourceManager"
        : master.startsWith(KUBERNETES) ? "API server" : "master";
  }

  private static String text(List<InetSocketAddress> addresses) {
    return String.join(
        ",", addresses.stream().map(a -> a.getHostString() + ":" + a.getPort()).toList());
  }
}
