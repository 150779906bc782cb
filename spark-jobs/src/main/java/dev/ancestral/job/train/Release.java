package dev.ancestral.job.train;

import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/** Lets go of what a run keeps on the executors; those that cannot be reached end by themselves. */
final class Release {
  private Release() {}

  /** Closes the run's replicas where they were last seen; what has moved ends with its executor. */
  static void replicas(JavaSparkContext spark, Run run, Workplace.Location[] where) {
    String id = run.id();
    if (spark.isLocal()) {
      ResidentReplicas.release(id);
      Rendezvous.release(id);
    } else if (!spark.sc().isStopped() && Transports.slots(spark) > 0) {
      JavaRDD.fromRDD(Places.replicas(spark, where, List.of()), Places.<Integer>tag(Integer.class))
          .foreach(
              replica -> {
                ResidentReplicas.release(id);
                Rendezvous.release(id);
              });
    }
  }
}
