package dev.ancestral.data.transfer;

import java.util.Comparator;
import org.apache.spark.Partitioner;
import org.apache.spark.RangePartitioner;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.Function;
import org.apache.spark.rdd.RDD;
import org.apache.spark.rdd.ShuffledRDD;
import org.apache.spark.serializer.JavaSerializer;
import scala.Tuple2;
import scala.math.Ordering;
import scala.math.Ordering$;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** Shuffles whose keys and values travel in Java's own serialization. */
public final class JavaShuffle {
  // As many as Spark's own sort takes.
  private static final int SAMPLES_PER_PARTITION = 20;

  private JavaShuffle() {}

  /** Deals pairs out and sorts each partition by the keys' natural order. */
  public static <K extends Comparable<K>, V> JavaPairRDD<K, V> sorted(
      JavaPairRDD<K, V> pairs, Partitioner partitioner) {
    ClassTag<K> key = tag();
    ClassTag<V> value = tag();
    RDD<Tuple2<K, V>> shuffled =
        new ShuffledRDD<K, V, V>(pairs.rdd(), partitioner, key, value, value)
            .setSerializer(new JavaSerializer(pairs.context().getConf()))
            .setKeyOrdering(natural());
    return JavaPairRDD.fromRDD(shuffled, key, value);
  }

  /**
   * Sorts elements over all partitions.
   *
   * @param key whose order is that of the elements; a sample of them passes through the driver
   */
  public static <T> JavaRDD<T> inOrder(
      JavaRDD<T> elements, Function<T, String> key, int partitions) {
    JavaPairRDD<String, T> keyed =
        elements.mapToPair(element -> new Tuple2<>(key.call(element), element));
    ClassTag<String> tag = ClassTag$.MODULE$.apply(String.class);
    Partitioner ranges =
        new RangePartitioner<>(
            partitions, keyed.rdd(), true, SAMPLES_PER_PARTITION, JavaShuffle.natural(), tag);
    return sorted(keyed, ranges).values();
  }

  private static <K extends Comparable<K>> Ordering<K> natural() {
    return Ordering$.MODULE$.comparatorToOrdering(Comparator.<K>naturalOrder());
  }

  @SuppressWarnings("unchecked") // As Spark's own API for Java does: any reference.
  private static <T> ClassTag<T> tag() {
    return (ClassTag<T>) ClassTag$.MODULE$.AnyRef();
  }
}
