package dev.ancestral.spark;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.apache.spark.Partition;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import scala.Tuple2;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** RDDs whose partitions ask to be computed in certain places. */
public final class LocalityRdd {
  private static final int MOST_PLACES = 3;

  private LocalityRdd() {}

  /**
   * The numbers from 0 to {@code count}, exclusive, each a partition of its own.
   *
   * @param places of a number: hosts, or executors in the form of {@link
   *     ExecutorLocation#asPreference}; the scheduler goes elsewhere where it cannot have them soon
   */
  public static JavaRDD<Integer> indices(
      JavaSparkContext spark, int count, IntFunction<List<String>> places) {
    List<Tuple2<Integer, Seq<String>>> elements = new ArrayList<>();
    for (int index = 0; index < count; index++) {
      List<String> wanted = places.apply(index);
      elements.add(
          new Tuple2<>(index, ScalaCollections.seq(wanted.stream().limit(MOST_PLACES).toList())));
    }
    // An array of any objects is known to every serializer, which one of Integers is not.
    @SuppressWarnings("unchecked")
    ClassTag<Integer> any = (ClassTag<Integer>) (ClassTag<?>) ClassTag$.MODULE$.AnyRef();
    // What the pairs are declared to hold is collection.Seq in 2.12, and type arguments are exact.
    @SuppressWarnings({"unchecked", "rawtypes"})
    RDD<Integer> rdd = spark.sc().makeRDD((Seq) ScalaCollections.seq(elements), any);
    return JavaRDD.fromRDD(rdd, tag(Integer.class));
  }

  /**
   * One partition for each replica that holds its index.
   *
   * @param where the replicas are; null for those that are nowhere yet
   * @param homes hosts for those that are nowhere yet; empty for any
   */
  public static JavaRDD<Integer> replicas(
      JavaSparkContext spark, ExecutorLocation[] where, List<String> homes) {
    return indices(
        spark,
        where.length,
        replica -> {
          if (where[replica] != null) {
            return List.of(where[replica].asPreference());
          }
          String home = homes.isEmpty() ? "" : homes.get(replica);
          return home.isEmpty() ? List.of() : List.of(home);
        });
  }

  /** The pairs of an RDD, each partition preferably where its replica is. */
  public static <K, V> JavaRDD<Tuple2<K, V>> at(
      JavaPairRDD<K, V> parent, ExecutorLocation[] where) {
    ClassTag<Tuple2<K, V>> type = tag(Tuple2.class);
    return JavaRDD.fromRDD(new Located<>(parent.rdd(), where.clone(), type), type);
  }

  @SuppressWarnings("unchecked")
  static <T> ClassTag<T> tag(Class<? super T> type) {
    return (ClassTag<T>) ClassTag$.MODULE$.apply(type);
  }

  private static final class Located<T> extends RDD<T> implements Serializable {
    private static final long serialVersionUID = 1L;

    private final transient ExecutorLocation[] where;

    private Located(RDD<T> parent, ExecutorLocation[] where, ClassTag<T> type) {
      super(parent, type);
      this.where = where;
    }

    @Override
    public Iterator<T> compute(Partition split, TaskContext context) {
      return this.<T>firstParent(elementClassTag()).iterator(split, context);
    }

    @Override
    public Partition[] getPartitions() {
      return this.<T>firstParent(elementClassTag()).partitions();
    }

    @Override
    public Seq<String> getPreferredLocations(Partition split) {
      ExecutorLocation location = where[split.index()];
      return ScalaCollections.seq(location == null ? List.of() : List.of(location.asPreference()));
    }
  }
}
