package dev.ancestral.job.train.transport;

import dev.ancestral.job.train.replica.ReplicaPool;
import dev.ancestral.job.train.replica.TrainingContext;
import dev.ancestral.spark.ExecutorLocation;
import dev.ancestral.spark.LocalityRdd;
import dev.ancestral.spark.TaskSlots;
import java.util.List;
import org.apache.spark.api.java.JavaSparkContext;

/** Frees the replicas of a run on the executors. */
public final class ReplicaCleanup {
  private ReplicaCleanup() {}

  /** Closes the run's replicas where they last ran. An executor that is lost has freed its own. */
  public static void replicas(
      JavaSparkContext spark, TrainingContext run, ExecutorLocation[] where) {
    String id = run.id();
    if (spark.isLocal()) {
      ReplicaPool.release(id);
      Rendezvous.release(id);
    } else if (!spark.sc().isStopped() && TaskSlots.now(spark) > 0) {
      LocalityRdd.replicas(spark, where, List.of())
          .foreach(
              replica -> {
                ReplicaPool.release(id);
                Rendezvous.release(id);
              });
    }
  }
}
