package dev.ancestral.spark;

import java.util.Optional;
import java.util.Set;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;

/** Notes whether one of some executors is lost while it listens. */
public final class ExecutorLossListener extends SparkListener implements AutoCloseable {
  private final JavaSparkContext spark;
  private final Set<String> executors;
  private volatile String lost;

  /** Begins to listen. */
  public ExecutorLossListener(JavaSparkContext spark, Set<String> executors) {
    this.spark = spark;
    this.executors = Set.copyOf(executors);
    spark.sc().addSparkListener(this);
  }

  @Override
  public void onExecutorRemoved(SparkListenerExecutorRemoved executor) {
    if (executors.contains(executor.executorId())) {
      lost = "executor " + executor.executorId() + " is lost (" + executor.reason() + ")";
    }
  }

  /** The executor that was lost last, with the reason that Spark gives; empty if none was. */
  public Optional<String> lost() {
    return Optional.ofNullable(lost);
  }

  @Override
  public void close() {
    if (!spark.sc().isStopped()) {
      spark.sc().removeSparkListener(this);
    }
  }
}
