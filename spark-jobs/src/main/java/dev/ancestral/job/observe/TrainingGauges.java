package dev.ancestral.job.observe;

import com.codahale.metrics.Gauge;
import com.codahale.metrics.MetricRegistry;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The last round of the training that this JVM drives, as gauges: every number of its line in
 * {@code metrics.jsonl} under the same name, {@code loss}, which is −train_nats (or
 * −train_log_density), and {@code device_memory_bytes}, the most that a replica's device has in use
 * (on the CPU: that its process has resident). A number that is not known yet is NaN.
 */
public final class TrainingGauges {
  /** What every training has; others appear with the first round that has them. */
  private static final List<String> ALWAYS =
      List.of(
          "round",
          "step",
          "epoch",
          "examples",
          "loss",
          "train_nats",
          "valid_nats",
          "examples_per_second",
          "seconds",
          "compute_seconds",
          "input_seconds",
          "exchange_seconds",
          "wait_seconds",
          "other_seconds",
          "bytes_exchanged",
          "device_memory_bytes");

  private static final TrainingGauges SHARED = new TrainingGauges();

  private final Map<String, Double> values = new ConcurrentHashMap<>();
  private final List<MetricRegistry> registries = new CopyOnWriteArrayList<>();

  TrainingGauges() {
    ALWAYS.forEach(name -> values.put(name, Double.NaN));
  }

  /** Those of this JVM: Spark makes the plugin, and we the training. */
  public static TrainingGauges shared() {
    return SHARED;
  }

  /** Adds the gauges to a registry, now and as they appear. */
  synchronized void registerIn(MetricRegistry registry) {
    registries.add(registry);
    values.keySet().forEach(name -> register(registry, name));
  }

  private void register(MetricRegistry registry, String name) {
    Gauge<Double> gauge = () -> values.getOrDefault(name, Double.NaN);
    registry.register("train." + name, gauge);
  }

  /**
   * Shows a round.
   *
   * @param line of {@code metrics.jsonl}
   * @param deviceMemoryBytes the most of a replica; 0 if it is not known
   */
  public void show(JsonNode line, long deviceMemoryBytes) {
    for (Map.Entry<String, JsonNode> field : line.properties()) {
      if (field.getValue().isNumber()) {
        set(field.getKey(), field.getValue().asDouble());
      }
    }
    double nats = line.path("train_nats").asDouble(Double.NaN);
    set("loss", -line.path("train_log_density").asDouble(nats));
    set("device_memory_bytes", deviceMemoryBytes > 0 ? deviceMemoryBytes : Double.NaN);
  }

  private synchronized void set(String name, double value) {
    if (values.put(name, value) == null) {
      registries.forEach(registry -> register(registry, name));
    }
  }
}
