package dev.ancestral.spark;

import java.io.Serializable;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.sql.Row;

/** Computes columns of rows, some rows at a time. */
@FunctionalInterface
public interface BlockFunction extends Serializable {

  /** What computes them in one task; the task closes what it holds. */
  Block open();

  /** Some rows and what was computed of them. */
  interface Block {

    /** The most rows at once. */
    int most();

    /**
     * Takes a row.
     *
     * @param row valid during the call alone
     * @param i its index among the rows of this block, which come in order, from 0
     */
    void put(Row row, int i);

    /** Computes the columns of the rows that were put. */
    void compute(int count);

    /** The values of the columns of a row, after {@link #compute}. */
    Object[] columns(int i);
  }

  /**
   * The rows of a partition with the columns behind their own.
   *
   * @param <R> what holds a row
   */
  abstract class Blocks<R> implements Iterator<R> {
    private final Iterator<R> rows;
    private final Block block;
    private final Object[] held;
    private int count;
    private int next;

    protected Blocks(Iterator<R> rows, BlockFunction function) {
      this.rows = rows;
      block = function.open();
      held = new Object[block.most()];
    }

    /** A row as the function sees it. */
    protected abstract Row seen(R row);

    /** A row that stays as it is when the next one is read. */
    protected abstract R kept(R row);

    /** A row with values behind its own. */
    protected abstract R appended(R row, Object[] values);

    @Override
    public final boolean hasNext() {
      return next < count || rows.hasNext();
    }

    @Override
    @SuppressWarnings("unchecked")
    public final R next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      if (next == count) {
        fill();
      }
      return appended((R) held[next], block.columns(next++));
    }

    private void fill() {
      next = 0;
      count = 0;
      while (count < held.length && rows.hasNext()) {
        R row = rows.next();
        block.put(seen(row), count);
        held[count++] = kept(row);
      }
      block.compute(count);
    }
  }
}
