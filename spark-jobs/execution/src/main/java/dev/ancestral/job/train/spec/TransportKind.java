package dev.ancestral.job.train.spec;

import dev.ancestral.Services;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What can carry the exchanges of a training, as far as a spec and the cluster are judged by it.
 *
 * <p>Implementations are public, have a public constructor without arguments, implement {@code
 * TransportProvider} too, and stand in {@code
 * META-INF/services/dev.ancestral.job.train.spec.TransportKind}.
 */
public interface TransportKind {
  /** The choice by the cluster: {@value #GLOO} where every replica has a slot at once. */
  String AUTO = "auto";

  /** Spark's own shuffle: works with fewer slots than replicas, and where Spark encrypts. */
  String SPARK = "spark";

  /** Memory inside a JVM, Gloo (or NCCL between devices) between them. */
  String GLOO = "gloo";

  /** What {@code train.transport} calls it: lower case letters, digits and hyphens. */
  String name();

  /** Whether all replicas must run at once, each on a slot of its own. */
  boolean simultaneous();

  /** Whether it exchanges between CUDA devices alone. */
  default boolean needsDevices() {
    return false;
  }

  /** Whether what it sends is protected as Spark's own traffic is. */
  default boolean protectedBySpark() {
    return false;
  }

  /** What can be asked for: {@value #AUTO}, the ones of this program, then those of jars. */
  static List<String> names() {
    List<String> names = new ArrayList<>(List.of(AUTO));
    names.addAll(byName().keySet());
    return names;
  }

  /** The transports at hand. */
  static Map<String, TransportKind> byName() {
    return Services.byName(TransportKind.class, TransportKind::name, "a transport", "transports");
  }

  /**
   * The transport of a name other than {@value #AUTO}.
   *
   * @throws dev.ancestral.AncestralException (SPEC) if there is none
   */
  static TransportKind named(String name) {
    return Services.named(byName(), "train.transport", name);
  }
}
