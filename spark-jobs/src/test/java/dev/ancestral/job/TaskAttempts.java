package dev.ancestral.job;

import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;

/** What Spark did with the tasks. */
public final class TaskAttempts extends SparkListener {
  private final AtomicInteger copies = new AtomicInteger();
  private final AtomicInteger failures = new AtomicInteger();

  @Override
  public void onTaskStart(SparkListenerTaskStart start) {
    if (start.taskInfo().speculative()) {
      copies.incrementAndGet();
    }
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd end) {
    if (!end.taskInfo().successful()) {
      failures.incrementAndGet();
    }
  }

  /** Tasks that were started a second time while the first still ran. */
  public int copies() {
    return copies.get();
  }

  /** Attempts that did not end well. */
  public int failures() {
    return failures.get();
  }
}
