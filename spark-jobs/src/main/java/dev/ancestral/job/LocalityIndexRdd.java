package dev.ancestral.job;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import scala.Tuple2;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** Numbers from 0, each a partition that asks to be computed in certain places. */
public final class LocalityIndexRdd {
  private static final int MOST_PLACES = 3;

  private LocalityIndexRdd() {}

  /**
   * The numbers from 0 to {@code count}, exclusive.
   *
   * @param places of a number: hosts, or executors in the form of Spark's scheduler; the scheduler
   *     goes elsewhere where it cannot have them soon
   */
  public static RDD<Integer> of(
      JavaSparkContext spark, int count, IntFunction<List<String>> places) {
    List<Tuple2<Integer, Seq<String>>> elements = new ArrayList<>();
    for (int index = 0; index < count; index++) {
      List<String> wanted = places.apply(index);
      elements.add(new Tuple2<>(index, seq(wanted.stream().limit(MOST_PLACES).toList())));
    }
    // An array of any objects is known to every serializer, which one of Integers is not.
    @SuppressWarnings("unchecked")
    ClassTag<Integer> tag = (ClassTag<Integer>) (ClassTag<?>) ClassTag$.MODULE$.AnyRef();
    return spark.sc().makeRDD(seq(elements), tag);
  }

  // A copy that can be serialized: the RDD keeps it, and a wrapped part of a list cannot be.
  private static <T> Seq<T> seq(List<T> list) {
    return JavaConverters.asScalaBuffer(new ArrayList<>(list)).toSeq();
  }
}
