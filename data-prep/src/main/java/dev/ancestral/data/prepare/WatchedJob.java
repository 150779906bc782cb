package dev.ancestral.data.prepare;

import dev.ancestral.AncestralException;
import dev.ancestral.Failures;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.SparkJobInfo;
import org.apache.spark.SparkStageInfo;
import org.apache.spark.api.java.JavaFutureAction;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;

/** Runs a Spark job and says every few seconds how far it is. */
final class WatchedJob {
  private static final long EVERY_SECONDS = 5;

  private WatchedJob() {}

  /** Receives the number of tasks that are done. */
  @FunctionalInterface
  interface Tasks {
    void done(int tasks, int all);
  }

  /**
   * The elements of an RDD.
   *
   * @throws ExecutionException if the job failed
   * @throws AncestralException (INTERRUPTED) if this thread was interrupted; the job is cancelled
   */
  static <T> List<T> collect(JavaSparkContext spark, JavaRDD<T> rdd, Tasks progress)
      throws ExecutionException {
    JavaFutureAction<List<T>> job = rdd.collectAsync();
    while (true) {
      try {
        return job.get(EVERY_SECONDS, TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        tell(spark, job.jobIds(), progress);
      } catch (InterruptedException e) {
        job.cancel(true);
        throw Failures.interrupted(e);
      }
    }
  }

  private static void tell(JavaSparkContext spark, List<Integer> jobs, Tasks progress) {
    int done = 0;
    int all = 0;
    for (int id : jobs) {
      SparkJobInfo job = spark.statusTracker().getJobInfo(id);
      for (int stage : job == null ? new int[0] : job.stageIds()) {
        SparkStageInfo info = spark.statusTracker().getStageInfo(stage);
        done += info == null ? 0 : info.numCompletedTasks();
        all += info == null ? 0 : info.numTasks();
      }
    }
    progress.done(done, all);
  }
}
