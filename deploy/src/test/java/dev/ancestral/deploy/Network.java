package dev.ancestral.deploy;

import io.fabric8.kubernetes.api.model.LabelSelector;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyIngressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPort;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;

/**
 * Who may reach whom under network policies, as Kubernetes defines it: a pod that a policy selects
 * takes and makes those connections alone that some policy selecting it allows.
 *
 * @param policies of one namespace
 */
record Network(List<NetworkPolicy> policies) {

  /**
   * An end of a connection.
   *
   * @param namespace labels of its namespace; null outside of the cluster
   * @param pod its labels; null outside of the cluster
   * @param address its IPv4 address; null for a pod
   */
  record End(Map<String, String> namespace, Map<String, String> pod, String address) {
    static End pod(Map<String, String> labels) {
      return new End(Map.of("kubernetes.io/metadata.name", "ancestral"), labels, null);
    }

    static End pod(String namespace, Map<String, String> labels) {
      return new End(Map.of("kubernetes.io/metadata.name", namespace), labels, null);
    }

    static End address(String address) {
      return new End(null, null, address);
    }

    private boolean isHere() {
      return namespace != null && "ancestral".equals(namespace.get("kubernetes.io/metadata.name"));
    }
  }

  /** Whether a connection comes about. */
  boolean connects(End from, End to, String protocol, int port) {
    return (!from.isHere() || leaves(from, to, protocol, port))
        && (!to.isHere() || enters(from, to, protocol, port));
  }

  private boolean leaves(End from, End to, String protocol, int port) {
    List<NetworkPolicy> selecting = selecting(from, "Egress");
    if (selecting.isEmpty()) {
      return true;
    }
    for (NetworkPolicy policy : selecting) {
      for (NetworkPolicyEgressRule rule : policy.getSpec().getEgress()) {
        if (isPeer(rule.getTo(), to) && isPort(rule.getPorts(), protocol, port)) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean enters(End from, End to, String protocol, int port) {
    List<NetworkPolicy> selecting = selecting(to, "Ingress");
    if (selecting.isEmpty()) {
      return true;
    }
    for (NetworkPolicy policy : selecting) {
      for (NetworkPolicyIngressRule rule : policy.getSpec().getIngress()) {
        if (isPeer(rule.getFrom(), from) && isPort(rule.getPorts(), protocol, port)) {
          return true;
        }
      }
    }
    return false;
  }

  private List<NetworkPolicy> selecting(End end, String direction) {
    return policies.stream()
        .filter(policy -> policy.getSpec().getPolicyTypes().contains(direction))
        .filter(policy -> selects(policy.getSpec().getPodSelector(), end.pod()))
        .toList();
  }

  private static boolean isPeer(List<NetworkPolicyPeer> peers, End end) {
    return peers.isEmpty() || peers.stream().anyMatch(peer -> isPeer(peer, end));
  }

  private static boolean isPeer(NetworkPolicyPeer peer, End end) {
    if (peer.getIpBlock() != null) {
      return end.address() != null && contains(peer.getIpBlock().getCidr(), end.address());
    }
    boolean namespace =
        peer.getNamespaceSelector() == null
            ? end.isHere()
            : end.namespace() != null && selects(peer.getNamespaceSelector(), end.namespace());
    return namespace
        && (peer.getPodSelector() == null || selects(peer.getPodSelector(), end.pod()));
  }

  private static boolean isPort(List<NetworkPolicyPort> ports, String protocol, int port) {
    return ports.isEmpty()
        || ports.stream()
            .anyMatch(p -> p.getProtocol().equals(protocol) && p.getPort().getIntVal() == port);
  }

  private static boolean selects(LabelSelector selector, Map<String, String> labels) {
    if (!selector.getMatchExpressions().isEmpty()) {
      throw new AssertionError("expressions are not read here: " + selector);
    }
    return selector.getMatchLabels() == null
        || labels.entrySet().containsAll(selector.getMatchLabels().entrySet());
  }

  private static boolean contains(String cidr, String address) {
    String[] block = cidr.split("/");
    int bits = Integer.parseInt(block[1]);
    int mask = bits == 0 ? 0 : -1 << (32 - bits);
    return (number(block[0]) & mask) == (number(address) & mask);
  }

  private static int number(String address) {
    try {
      return ByteBuffer.wrap(InetAddress.getByName(address).getAddress()).getInt();
    } catch (UnknownHostException e) {
      throw new AssertionError(address, e);
    }
  }
}
