package dev.ancestral.job.train.placement;

import dev.ancestral.job.LocalityIndexRdd;
import dev.ancestral.job.train.replica.TaskPlacement;
import java.io.Serializable;
import java.util.List;
import org.apache.spark.Partition;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import scala.collection.Iterator;
import scala.collection.JavaConverters;
import scala.collection.Seq;
import scala.reflect.ClassTag;
import scala.reflect.ClassTag$;

/** RDDs whose partitions ask to be computed where a replica is alive. */
public final class LocalityRdd {
  private LocalityRdd() {}

  /**
   * One partition for each replica that holds its index.
   *
   * @param homes hosts for those that are nowhere yet; empty for any
   */
  public static RDD<Integer> replicas(
      JavaSparkContext spark, TaskPlacement.Location[] where, List<String> homes) {
    return LocalityIndexRdd.of(
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

  /** The same RDD, each partition preferably where its replica is. */
  public static <T> RDD<T> at(
      RDD<T> parent, TaskPlacement.Location[] where, Class<? super T> type) {
    return new Located<>(parent, where.clone(), tag(type));
  }

  private static Seq<String> preference(TaskPlacement.Location location) {
    return seq(location == null ? List.of() : List.of(location.asPreference()));
  }

  private static <T> Seq<T> seq(List<T> list) {
    return JavaConverters.asScalaBuffer(list).toSeq();
  }

  @SuppressWarnings("unchecked")
  public static <T> ClassTag<T> tag(Class<? super T> type) {
    return (ClassTag<T>) ClassTag$.MODULE$.apply(type);
  }

  private static final class Located<T> extends RDD<T> implements Serializable {
    private static final long serialVersionUID = 1L;

    private final transient TaskPlacement.Location[] where;

    private Located(RDD<T> parent, TaskPlacement.Location[] where, ClassTag<T> type) {
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
      return preference(where[split.index()]);
    }
  }
}
