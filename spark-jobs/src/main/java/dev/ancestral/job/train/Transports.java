package dev.ancestral.job.train;

import dev.ancestral.Refusal;
import dev.ancestral.job.Progress;
import dev.ancestral.job.train.TrainSpec.TransportKind;
import org.apache.spark.api.java.JavaSparkContext;

/** Which transport a run takes on the cluster at hand. */
final class Transports {
  private Transports() {}

  /**
   * The transport that the spec names, or the best that the cluster allows.
   *
   * @throws Refusal (CLUSTER) if the one named cannot work here
   */
  static Transport choose(JavaSparkContext spark, Run run, Progress progress) {
    int slots = slots(spark);
    boolean dynamic = spark.getConf().getBoolean("spark.dynamicAllocation.enabled", false);
    TransportKind wanted = run.spec().transport();
    if (wanted == TransportKind.SPARK) {
      return new ShuffleTransport(spark, run);
    }
    String obstacle = null;
    if (slots < run.replicas()) {
      obstacle =
          "the cluster has "
              + slots
              + " slots at once and the run has "
              + run.replicas()
              + " replicas; give it more executors or cores";
    } else if (dynamic) {
      obstacle =
          "spark.dynamicAllocation.enabled is true, under which Spark runs no barrier stage; set"
              + " it to false";
    }
    if (obstacle == null) {
      return new BarrierTransport(spark, run);
    }
    if (wanted == TransportKind.AUTO) {
      progress.message("transport: spark, because " + obstacle + " for gloo");
      return new ShuffleTransport(spark, run);
    }
    throw new Refusal(
        Refusal.Kind.CLUSTER,
        "transport is "
            + wanted.name().toLowerCase(java.util.Locale.ROOT)
            + " but "
            + obstacle
            + ", or set transport: spark");
  }

  /** Tasks that can run at once. */
  static int slots(JavaSparkContext spark) {
    return spark
        .sc()
        .maxNumConcurrentTasks(spark.sc().resourceProfileManager().defaultResourceProfile());
  }
}
