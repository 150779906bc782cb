package dev.ancestral.job.train.transport;

import dev.ancestral.job.train.placement.LocalityRdd;
import dev.ancestral.job.train.replica.ReplicaPool;
import dev.ancestral.job.train.replica.TaskPlacement;
import dev.ancestral.job.train.replica.TrainingContext;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/** Frees the replicas of a run on the executors. */
public final class ReplicaCleanup {
  private ReplicaCleanup() {}

  /** Closes the run's replicas where they last ran. An executor that is lost has freed its own. */
  public static void replicas(
      JavaSparkContext spark, TrainingContext run, TaskPlacement.Location[] where) {
    String id = run.id();
    if (spark.isLocal()) {
      ReplicaPool.release(id);
      Rendezvous.release(id);
    } else if (!spark.sc().isStopped() && Transports.slots(spark) > 0) {
      JavaRDD.fromRDD(
              LocalityRdd.replicas(spark, where, List.of()),
              LocalityRdd.<Integer>tag(Integer.class))
          .foreach(
              replica -> {
                ReplicaPool.release(id);
                Rendezvous.release(id);
              });
    }
  }
}
