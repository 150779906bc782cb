package dev.ancestral.job.train;

import dev.ancestral.Refusal;
import dev.ancestral.job.Progress;
import dev.ancestral.job.train.TrainSpec.TransportKind;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.JavaSparkContext;

/** Which transport a run takes on the cluster at hand. */
final class Transports {
  private static final int WAIT_SECONDS = 60;
  private static final int SETTLE_SECONDS = 3;
  private static final int POLL_MILLIS = 50;

  private Transports() {}

  /**
   * The transport that the spec names, or the best that the cluster allows.
   *
   * @throws Refusal (CLUSTER) if the one named cannot work here
   */
  static Transport choose(JavaSparkContext spark, Run run, Progress progress) {
    if (run.spec().engine() == TrainSpec.EngineKind.DL4J) {
      return new MasterTransport(spark, run);
    }
    TransportKind wanted = run.spec().transport();
    if (wanted == TransportKind.SPARK) {
      return new ShuffleTransport(spark, run);
    }
    int slots = slots(spark, run.replicas());
    boolean dynamic = spark.getConf().getBoolean("spark.dynamicAllocation.enabled", false);
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
            + wanted.name().toLowerCase(Locale.ROOT)
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

  /**
   * Tasks that can run at once, after waiting for executors that are still starting.
   *
   * @param wanted slots that end the wait; 0 to wait until no more executors come
   */
  static int slots(JavaSparkContext spark, int wanted) {
    int slots = slots(spark);
    if (spark.isLocal()) {
      return slots;
    }
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WAIT_SECONDS);
    long changed = System.nanoTime();
    while (System.nanoTime() < end && (wanted > 0 ? slots < wanted : !settled(slots, changed))) {
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return slots;
      }
      int now = slots(spark);
      if (now != slots) {
        slots = now;
        changed = System.nanoTime();
      }
    }
    return slots;
  }

  private static boolean settled(int slots, long changed) {
    return slots > 0 && System.nanoTime() - changed > TimeUnit.SECONDS.toNanos(SETTLE_SECONDS);
  }
}
