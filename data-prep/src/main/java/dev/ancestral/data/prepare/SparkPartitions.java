package dev.ancestral.data.prepare;

import dev.ancestral.data.source.Partitions;
import dev.ancestral.data.transfer.JavaBytes;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.util.TaskCompletionListener;

/**
 * The partitions of an RDD.
 *
 * @param rdd whose elements stay within their task, whatever {@code spark.serializer} is
 */
record SparkPartitions<T>(JavaRDD<T> rdd) implements Partitions<T> {

  /** The RDD of partitions that this package made. */
  static <T> JavaRDD<T> rdd(Partitions<T> partitions) {
    return ((SparkPartitions<T>) partitions).rdd();
  }

  @Override
  public <R extends Serializable> List<R> collect(Pass<T, R> pass) {
    List<byte[]> results =
        rdd.mapPartitionsWithIndex(
                (p, items) -> List.of(TaskResult.of(() -> pass.over(p, items))).iterator(), false)
            .collect();
    return TaskResult.values(results);
  }

  @Override
  public <U> Partitions<U> map(Pass<T, Iterator<U>> pass) {
    return new SparkPartitions<>(
        rdd.mapPartitionsWithIndex((p, items) -> closed(pass.over(p, items)), false));
  }

  private static <U> Iterator<U> closed(Iterator<U> items) {
    if (items instanceof AutoCloseable closeable) {
      TaskContext.get()
          .addTaskCompletionListener((TaskCompletionListener) task -> close(closeable));
    }
    return items;
  }

  private static void close(AutoCloseable items) {
    try {
      items.close();
    } catch (Exception e) { // of any kind, by the interface
      throw new IllegalStateException("an input could not be closed", e);
    }
  }

  @Override
  public Iterator<T> iterator() {
    Iterator<byte[]> bytes = rdd.map(item -> JavaBytes.of(item)).toLocalIterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return bytes.hasNext();
      }

      @Override
      @SuppressWarnings("unchecked") // The items of the tasks are of this type.
      public T next() {
        return (T) JavaBytes.value(bytes.next(), Object.class);
      }
    };
  }
}
