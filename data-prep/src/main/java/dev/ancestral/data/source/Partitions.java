package dev.ancestral.data.source;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;

/**
 * Items in a fixed order, dealt to tasks in runs of neighbours. What is made of them never depends
 * on how many partitions there are. Only a {@link SourceContext} makes the first ones.
 *
 * @param <T> type of the items
 */
public interface Partitions<T> {

  /**
   * What a task does with its partition; runs on an executor, in a new attempt if one failed.
   *
   * @param <T> type of the items
   * @param <R> type of the result
   */
  @FunctionalInterface
  interface Pass<T, R> extends Serializable {
    /**
     * The result of a partition.
     *
     * @param partition index, from 0
     * @throws dev.ancestral.AncestralException (DATA) if an item is damaged or unfit
     */
    R over(int partition, Iterator<T> items);
  }

  /**
   * Passes over every partition now.
   *
   * @return one result a partition, in order
   * @throws dev.ancestral.AncestralException the first one in the order of the partitions
   */
  <R extends Serializable> List<R> collect(Pass<T, R> pass);

  /**
   * What the pass makes of every partition, when it is read. An iterator that is {@link
   * AutoCloseable} is closed when its task ends, also where it was not read to its end.
   */
  <U> Partitions<U> map(Pass<T, Iterator<U>> pass);

  /** The items on the driver, one after another. */
  Iterator<T> iterator();
}
