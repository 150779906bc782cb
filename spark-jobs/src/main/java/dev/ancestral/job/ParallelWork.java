package dev.ancestral.job;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/**
 * One Spark job of independent units, one task each, whose results reach the driver as they finish:
 * the driver can show progress and holds no more than it keeps.
 */
public final class ParallelWork {
  private ParallelWork() {}

  /** What a task does with its unit; runs on an executor. */
  @FunctionalInterface
  public interface Work<U, R> extends Serializable {
    R on(U unit) throws Exception;
  }

  /**
   * Runs the job.
   *
   * @param description for Spark's pages
   * @param units what the tasks get, serializable
   * @param onResult called on the driver with index and result, one call at a time, in the order in
   *     which tasks finish
   */
  public static <U, R> void run(
      JavaSparkContext spark,
      String description,
      List<U> units,
      Work<U, R> work,
      BiConsumer<Integer, R> onResult) {
    if (units.isEmpty()) {
      return;
    }
    RDD<U> rdd = spark.parallelize(units, units.size()).rdd();
    List<Object> partitions = new ArrayList<>();
    for (int i = 0; i < units.size(); i++) {
      partitions.add(i);
    }
    spark.sc().setJobDescription(description);
    try {
      spark
          .sc()
          .runJob(
              rdd,
              new OneUnit<>(work),
              JavaConverters.asScalaBuffer(partitions).toSeq(),
              new AbstractFunction2<Object, R, BoxedUnit>() {
                @Override
                public BoxedUnit apply(Object index, R result) {
                  onResult.accept((Integer) index, result);
                  return BoxedUnit.UNIT;
                }
              },
              ClassTag$.MODULE$.apply(Object.class));
    } finally {
      spark.sc().setJobDescription(null);
    }
  }

  private static final class OneUnit<U, R> extends AbstractFunction2<TaskContext, Iterator<U>, R>
      implements Serializable {
    private static final long serialVersionUID = 1L;
    private final Work<U, R> work;

    OneUnit(Work<U, R> work) {
      this.work = work;
    }

    @Override
    public R apply(TaskContext context, Iterator<U> rows) {
      try {
        return work.on(rows.next());
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
