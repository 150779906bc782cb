package dev.ancestral.spark;

import java.util.Arrays;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.function.Function;
import scala.collection.Iterator;
import scala.runtime.AbstractFunction1;

/** A stage whose tasks all run at once. */
public final class BarrierStage {
  private BarrierStage() {}

  /**
   * Runs a stage and collects its results in the order of the partitions.
   *
   * @param indices one in each partition
   * @param work on the index of a partition
   */
  public static List<byte[]> collect(JavaRDD<Integer> indices, Function<Integer, byte[]> work) {
    return Arrays.asList(
        (byte[][])
            indices
                .rdd()
                .barrier()
                .mapPartitions(new OnIndex(work), false, LocalityRdd.tag(byte[].class))
                .collect());
  }

  private static final class OnIndex extends AbstractFunction1<Iterator<Integer>, Iterator<byte[]>>
      implements java.io.Serializable {
    private static final long serialVersionUID = 1L;
    private final Function<Integer, byte[]> work;

    private OnIndex(Function<Integer, byte[]> work) {
      this.work = work;
    }

    @Override
    public Iterator<byte[]> apply(Iterator<Integer> indices) {
      try {
        return ScalaCollections.iterator(List.of(work.call(indices.next())).iterator());
      } catch (RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
