package dev.ancestral.spark;

import dev.ancestral.AncestralException;
import dev.ancestral.Failures;
import dev.ancestral.data.transfer.JavaBytes;
import java.io.IOException;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.IntFunction;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.rdd.RDD;
import scala.collection.Iterator;
import scala.reflect.ClassTag$;
import scala.runtime.AbstractFunction2;
import scala.runtime.BoxedUnit;

/**
 * One Spark job of independent units, one task each or as many as are asked for, whose results
 * reach the driver as they finish: the driver can show progress and holds no more than it keeps.
 *
 * <p>A refusal that another attempt would only repeat travels as a result, so that Spark does not
 * try the task four times; it ends the job. Units and results travel as {@link JavaBytes}, which
 * any {@code spark.serializer} carries.
 */
public final class TaskRunner {
  /** What a thread's jobs are filed under. */
  private static final List<String> GROUP_PROPERTIES =
      List.of("spark.jobGroup.id", "spark.job.description", "spark.job.interruptOnCancel");

  private TaskRunner() {}

  /** What a task does with its unit; runs on an executor. */
  @FunctionalInterface
  public interface Work<U extends Serializable, R extends Serializable> extends Serializable {
    /** Does the work of a unit. */
    R on(U unit) throws IOException;
  }

  /**
   * Runs the job.
   *
   * @param description for Spark's pages
   * @param onResult called on the driver with index and result, one call at a time, in the order in
   *     which tasks finish
   * @throws AncestralException the first one that a task came back with
   */
  public static <U extends Serializable, R extends Serializable> void run(
      JavaSparkContext spark,
      String description,
      List<U> units,
      Work<U, R> work,
      BiConsumer<Integer, R> onResult) {
    run(spark, description, units, unit -> List.of(), OptionalInt.empty(), work, onResult);
  }

  /**
   * Runs the job.
   *
   * @param description for Spark's pages
   * @param places hosts that a unit, by its index, had better be worked on, if any
   * @param tasks that the units are dealt to in runs of neighbours; empty for one each
   * @param onResult called on the driver with index and result, one call at a time, in the order in
   *     which tasks finish
   * @throws AncestralException the first one that a task came back with
   */
  public static <U extends Serializable, R extends Serializable> void run(
      JavaSparkContext spark,
      String description,
      List<U> units,
      IntFunction<List<String>> places,
      OptionalInt tasks,
      Work<U, R> work,
      BiConsumer<Integer, R> onResult) {
    if (units.isEmpty()) {
      return;
    }
    int count = Math.min(units.size(), tasks.orElse(units.size()));
    int[] first = new int[count + 1];
    List<Integer> indices = new ArrayList<>();
    for (int task = 0; task <= count; task++) {
      first[task] = (int) ((long) task * units.size() / count);
      if (task < count) {
        indices.add(task);
      }
    }
    RDD<Integer> rdd = LocalityRdd.indices(spark, count, task -> places.apply(first[task])).rdd();
    Broadcast<byte[][]> all =
        spark.broadcast(units.stream().map(JavaBytes::of).toArray(byte[][]::new));
    String group = "ancestral-" + UUID.randomUUID();
    Map<String, String> before = new HashMap<>(); // null where there was nothing
    GROUP_PROPERTIES.forEach(key -> before.put(key, spark.getLocalProperty(key)));
    spark.setJobGroup(group, description, false);
    try {
      spark
          .sc()
          .runJob(
              rdd,
              new SomeUnits<>(all, first, work),
              ScalaCollections.seq(new ArrayList<Object>(indices)),
              new Results<>(first, onResult),
              ClassTag$.MODULE$.apply(byte[][].class));
    } catch (Exception e) { // Spark's own are checked, but not declared.
      // What still runs would only hold slots.
      spark.cancelJobGroup(group);
      throw Failures.refusal(e)
          .<RuntimeException>map(refusal -> refusal)
          .orElseGet(() -> new IllegalStateException("job '" + description + "' failed", e));
    } finally {
      before.forEach(spark::setLocalProperty);
      all.unpersist(false);
    }
  }

  private static final class SomeUnits<U extends Serializable, R extends Serializable>
      extends AbstractFunction2<TaskContext, Iterator<Integer>, byte[][]> implements Serializable {
    private static final long serialVersionUID = 1L;
    private final Broadcast<byte[][]> all;
    private final int[] first;
    private final Work<U, R> work;

    SomeUnits(Broadcast<byte[][]> all, int[] first, Work<U, R> work) {
      this.all = all;
      this.first = first;
      this.work = work;
    }

    @Override
    public byte[][] apply(TaskContext context, Iterator<Integer> tasks) {
      int task = tasks.next();
      byte[][] results = new byte[first[task + 1] - first[task]][];
      for (int i = 0; i < results.length; i++) {
        @SuppressWarnings("unchecked") // The driver's units are of this type.
        U unit = (U) JavaBytes.value(all.value()[first[task] + i], Object.class);
        try {
          results[i] = JavaBytes.of(work.on(unit));
        } catch (AncestralException refusal) {
          if (refusal.code().retryable()) {
            throw refusal;
          }
          results[i] = JavaBytes.of(new AncestralException(refusal.code(), refusal.getMessage()));
          return Arrays.copyOf(results, i + 1);
        } catch (IOException e) {
          throw new java.io.UncheckedIOException(e);
        }
      }
      return results;
    }
  }

  private static final class Results<R extends Serializable>
      extends AbstractFunction2<Object, byte[][], BoxedUnit> {
    private final int[] first;
    private final BiConsumer<Integer, R> onResult;

    Results(int[] first, BiConsumer<Integer, R> onResult) {
      this.first = first;
      this.onResult = onResult;
    }

    @Override
    public BoxedUnit apply(Object task, byte[][] results) {
      for (int i = 0; i < results.length; i++) {
        Object result = JavaBytes.value(results[i], Object.class);
        if (result instanceof AncestralException refusal) {
          throw refusal;
        }
        @SuppressWarnings("unchecked") // The tasks' results are of this type.
        R typed = (R) result;
        onResult.accept(first[(Integer) task] + i, typed);
      }
      return BoxedUnit.UNIT;
    }
  }
}
