package dev.ancestral.deploy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Hosts on this machine that have its files in common and no network: each is a network namespace
 * of its own with one address, and a bridge in the first one joins them. The machine's own network
 * is left as it is.
 */
final class VirtualHosts implements AutoCloseable {
  private static final String NAME = "ancestral-" + ProcessHandle.current().pid() + "-";
  private static final String ADDRESS = "10.0.0.";
  private static final String BRIDGE = "bridge";
  private static final String CARD = "eth0";

  private final int count;

  private VirtualHosts(int count) {
    this.count = count;
  }

  /** So many hosts; empty where the machine does not allow that. */
  static Optional<VirtualHosts> make(int count) {
    VirtualHosts hosts = new VirtualHosts(count);
    try {
      hosts.add(0);
      hosts.ip(0, "link", "add", BRIDGE, "type", "bridge");
      hosts.ip(0, "address", "add", hosts.address(0) + "/24", "dev", BRIDGE);
      hosts.ip(0, "link", "set", BRIDGE, "up");
      for (int host = 1; host < count; host++) {
        hosts.add(host);
        String cable = cable(host);
        hosts.ip(
            0,
            List.of("link", "add", cable, "type", "veth"),
            List.of("peer", "name", CARD, "netns", hosts.namespace(host)));
        hosts.ip(0, "link", "set", cable, "master", BRIDGE, "up");
        hosts.ip(host, "address", "add", hosts.address(host) + "/24", "dev", CARD);
        hosts.ip(host, "link", "set", CARD, "up");
      }
      return Optional.of(hosts);
    } catch (IllegalStateException notAllowed) {
      System.out.println("no hosts of their own on this machine: " + notAllowed.getMessage());
      hosts.close();
      return Optional.empty();
    }
  }

  private void add(int host) {
    run(List.of("ip", "netns", "add", namespace(host)));
    ip(host, "link", "set", "lo", "up");
  }

  private static String cable(int host) {
    return "host" + host;
  }

  int count() {
    return count;
  }

  /** For {@code ip netns exec}. */
  String namespace(int host) {
    return NAME + host;
  }

  String address(int host) {
    return ADDRESS + (host + 1);
  }

  /** From now on nothing that one host sends reaches another, and nobody is told. */
  void cut(int host, int other) {
    ip(host, "route", "add", "blackhole", address(other) + "/32");
  }

  /** Undoes {@link #cut}. */
  void mend(int host, int other) {
    ip(host, "route", "delete", "blackhole", address(other) + "/32");
  }

  /** Pulls a host's cable. */
  void unplug(int host) {
    ip(0, "link", "set", cable(host), "down");
  }

  private void ip(int host, String... arguments) {
    ip(host, List.of(arguments), List.of());
  }

  private void ip(int host, List<String> arguments, List<String> more) {
    List<String> words = new ArrayList<>(List.of("ip", "-n", namespace(host)));
    words.addAll(arguments);
    words.addAll(more);
    run(words);
  }

  private static void run(List<String> words) {
    try {
      Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (process.waitFor() != 0) {
        throw new IllegalStateException(String.join(" ", words) + ": " + said.strip());
      }
    } catch (IOException e) {
      throw new IllegalStateException(String.join(" ", words), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    for (int host = 0; host < count; host++) {
      try {
        run(List.of("ip", "netns", "delete", namespace(host)));
      } catch (IllegalStateException neverMade) {
        // Making them failed before this one.
      }
    }
  }
}
