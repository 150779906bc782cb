package dev.ancestral.spark;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.status.api.v1.ExecutorSummary;

/** How many tasks the executors of an application can run at once. */
public final class TaskSlots {
  private static final int WAIT_SECONDS = 60;
  private static final int SETTLE_SECONDS = 3;
  private static final int POLL_MILLIS = 50;

  private TaskSlots() {}

  /** Tasks that can run at once. */
  public static int now(JavaSparkContext spark) {
    return spark
        .sc()
        .maxNumConcurrentTasks(spark.sc().resourceProfileManager().defaultResourceProfile());
  }

  /**
   * Tasks that can run at once, after waiting for executors that are still starting.
   *
   * @param wanted slots that end the wait; 0 to wait until no more executors come
   */
  public static int await(JavaSparkContext spark, int wanted) {
    return await(spark, wanted, WAIT_SECONDS);
  }

  /**
   * Tasks that can run at once, after waiting for executors that are still starting.
   *
   * @param wanted slots that end the wait; 0 to wait until no more executors come
   * @param waitSeconds after which the wait ends
   */
  public static int await(JavaSparkContext spark, int wanted, int waitSeconds) {
    int slots = now(spark);
    if (spark.isLocal()) {
      return slots;
    }
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(waitSeconds);
    long changed = System.nanoTime();
    while (System.nanoTime() < end && (wanted > 0 ? slots < wanted : !settled(slots, changed))) {
      try {
        Thread.sleep(POLL_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return slots;
      }
      int now = now(spark);
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

  /** The slots of each host that has executors. */
  public static Map<String, Integer> byHost(JavaSparkContext spark) {
    Map<String, Integer> slots = new TreeMap<>();
    for (ExecutorSummary executor :
        ScalaCollections.list(spark.sc().statusStore().executorList(true))) {
      if (!executor.id().equals("driver")) {
        String address = executor.hostPort();
        String host = address.substring(0, Math.max(0, address.lastIndexOf(':')));
        slots.merge(host, executor.maxTasks(), Integer::sum);
      }
    }
    return slots;
  }
}
