package dev.ancestral.job.observe;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.ToDoubleFunction;

/**
 * The last round of the replicas that live in this JVM, as gauges: how many there are, what they
 * hold, and the seconds in which they computed, waited for shards, and exchanged, summed over them.
 */
public final class ReplicaGauges {
  private static final ReplicaGauges SHARED = new ReplicaGauges();

  /**
   * A replica's round.
   *
   * @param computeSeconds forward, backward, optimizer
   * @param inputSeconds waiting for shards
   * @param exchangeSeconds exchanging, waiting for other replicas included
   * @param deviceMemoryBytes that its device has in use
   * @param shardBytes of decoded shards in this JVM
   */
  public record Round(
      double computeSeconds,
      double inputSeconds,
      double exchangeSeconds,
      long deviceMemoryBytes,
      long shardBytes) {}

  private final Map<String, Round> rounds = new ConcurrentHashMap<>();

  ReplicaGauges() {}

  /** Those of this JVM. */
  public static ReplicaGauges shared() {
    return SHARED;
  }

  /** Shows a replica's round. */
  public void show(String run, int replica, Round round) {
    rounds.put(run + " " + replica, round);
  }

  /** Forgets a replica that is no longer here. */
  public void forget(String run, int replica) {
    rounds.remove(run + " " + replica);
  }

  void registerIn(MetricRegistry registry) {
    register(registry, "replicas", round -> 1);
    register(registry, "compute_seconds", Round::computeSeconds);
    register(registry, "input_seconds", Round::inputSeconds);
    register(registry, "exchange_seconds", Round::exchangeSeconds);
    most(registry, "device_memory_bytes", Round::deviceMemoryBytes);
    most(registry, "shard_bytes", Round::shardBytes);
  }

  private void register(MetricRegistry registry, String name, ToDoubleFunction<Round> value) {
    Gauge<Double> gauge = () -> rounds.values().stream().mapToDouble(value).sum();
    registry.register("replicas." + name, gauge);
  }

  /** What replicas in one JVM share is not added up. */
  private void most(MetricRegistry registry, String name, ToDoubleFunction<Round> value) {
    Gauge<Double> gauge = () -> rounds.values().stream().mapToDouble(value).max().orElse(0);
    registry.register("replicas." + name, gauge);
  }
}
