package dev.ancestral.job.quality;

import static org.apache.spark.sql.functions.sum;

import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Queue;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * How often each cell of some tables occurs among held-out and among drawn rows. Only cells that
 * occur take memory, and no task holds more than a fixed number of them.
 */
final class CellCounts {
  static final String TABLE = "table";
  static final String FIRST = "first";
  static final String SECOND = "second";
  static final String HELD = "held";
  static final String DRAWN = "drawn";

  private static final int MOST_CELLS = 1 << 16;
  private static final StructType TYPE =
      DataTypes.createStructType(
          new StructField[] {
            DataTypes.createStructField(TABLE, DataTypes.IntegerType, false),
            DataTypes.createStructField(FIRST, DataTypes.LongType, false),
            DataTypes.createStructField(SECOND, DataTypes.LongType, false),
            DataTypes.createStructField(HELD, DataTypes.LongType, false),
            DataTypes.createStructField(DRAWN, DataTypes.LongType, false)
          });

  private CellCounts() {}

  /** The cells that a row lies in. */
  @FunctionalInterface
  interface Cells extends Serializable {
    void of(Row row, Sink sink);
  }

  /** Takes cells. */
  @FunctionalInterface
  interface Sink {
    void add(int table, long first, long second);
  }

  /** Table, first, second, and how many held-out and drawn rows lie there. */
  static Dataset<Row> of(SparkSession session, JavaRDD<Row> rows, Cells cells) {
    JavaRDD<Row> partial = rows.mapPartitions(own -> new Partial(own, cells));
    return session
        .createDataFrame(partial, TYPE)
        .groupBy(TABLE, FIRST, SECOND)
        .agg(sum(HELD).as(HELD), sum(DRAWN).as(DRAWN));
  }

  private record Cell(int table, long first, long second) {}

  /** Counts of some rows at a time. */
  private static final class Partial implements Iterator<Row> {
    private final Iterator<Row> rows;
    private final Cells cells;
    private final Queue<Row> ready = new ArrayDeque<>();

    Partial(Iterator<Row> rows, Cells cells) {
      this.rows = rows;
      this.cells = cells;
    }

    @Override
    public boolean hasNext() {
      if (ready.isEmpty() && rows.hasNext()) {
        count();
      }
      return !ready.isEmpty();
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return ready.remove();
    }

    private void count() {
      Map<Cell, long[]> counts = new HashMap<>();
      while (rows.hasNext() && counts.size() < MOST_CELLS) {
        Row row = rows.next();
        int which = row.getBoolean(TableRows.DRAWN) ? 1 : 0;
        cells.of(
            row,
            (table, first, second) ->
                counts
                    .computeIfAbsent(new Cell(table, first, second), none -> new long[2])[which]++);
      }
      counts.forEach(
          (cell, count) ->
              ready.add(
                  RowFactory.create(
                      cell.table(), cell.first(), cell.second(), count[0], count[1])));
    }
  }
}
