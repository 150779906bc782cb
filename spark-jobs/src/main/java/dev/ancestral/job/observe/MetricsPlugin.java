package dev.ancestral.job.observe;

import java.util.Map;
import org.apache.spark.SparkContext;
import org.apache.spark.api.plugin.DriverPlugin;
import org.apache.spark.api.plugin.ExecutorPlugin;
import org.apache.spark.api.plugin.PluginContext;
import org.apache.spark.api.plugin.SparkPlugin;

/**
 * Puts the gauges of a training into Spark's metrics system, whose sinks and servlets then publish
 * them: {@code --conf spark.plugins=dev.ancestral.job.observe.MetricsPlugin}. The driver has {@link
 * TrainingGauges}, every executor {@link ReplicaGauges}.
 */
public final class MetricsPlugin implements SparkPlugin {

  @Override
  public DriverPlugin driverPlugin() {
    return new DriverPlugin() {
      @Override
      public Map<String, String> init(SparkContext spark, PluginContext context) {
        TrainingGauges.shared().registerIn(context.metricRegistry());
        return Map.of();
      }
    };
  }

  @Override
  public ExecutorPlugin executorPlugin() {
    return new ExecutorPlugin() {
      @Override
      public void init(PluginContext context, Map<String, String> settings) {
        ReplicaGauges.shared().registerIn(context.metricRegistry());
      }
    };
  }
}
