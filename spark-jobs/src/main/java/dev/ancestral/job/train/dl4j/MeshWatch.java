package dev.ancestral.job.train.dl4j;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerExecutorRemoved;

/**
 * Hears of executors that leave a mesh: the others would go on sending to them and never come to an
 * end.
 */
final class MeshWatch extends SparkListener implements AutoCloseable {
  private final JavaSparkContext spark;
  private final Set<String> members;
  private volatile String lost;

  /** Begins to listen. */
  MeshWatch(JavaSparkContext spark, Mesh mesh) {
    this.spark = spark;
    members = mesh.executors().stream().map(Mesh.Seat::executor).collect(Collectors.toSet());
    spark.sc().addSparkListener(this);
  }

  @Override
  public void onExecutorRemoved(SparkListenerExecutorRemoved executor) {
    if (members.contains(executor.executorId())) {
      lost = "executor " + executor.executorId() + " is lost (" + executor.reason() + ")";
    }
  }

  /** Whoever has left, if someone has. */
  Optional<String> lost() {
    return Optional.ofNullable(lost);
  }

  @Override
  public void close() {
    if (!spark.sc().isStopped()) {
      spark.sc().removeSparkListener(this);
    }
  }
}
