package dev.ancestral.job.quality;

import static org.apache.spark.sql.functions.col;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * How alike each column is in held-out and in drawn rows: 1 − the Kolmogorov–Smirnov statistic of
 * numbers, dates and timestamps, a null counting as a value below all others; 1 − the total
 * variation of categories, a null being one of them. Both are counted, not estimated.
 *
 * @param shapes by column, from 0 to 1
 * @param deciles of the held-out numbers of a column, nine keys; empty for categories
 */
record ColumnShapes(double[] shapes, long[][] deciles) {
  private static final int DECILES = 10;

  /**
   * Counts.
   *
   * @param rows of {@link TableRows}
   * @param held how many of them were held out
   * @param drawn how many were drawn
   */
  static ColumnShapes of(
      SparkSession session, JavaRDD<Row> rows, TableKeys keys, long held, long drawn) {
    int columns = keys.columns().size();
    JavaRDD<Row> sorted =
        CellCounts.of(
                session,
                rows,
                (row, sink) -> {
                  for (int c = 0; c < columns; c++) {
                    sink.add(c, row.getLong(TableRows.FIRST + c), 0);
                  }
                })
            .repartition(col(CellCounts.TABLE))
            .sortWithinPartitions(CellCounts.TABLE, CellCounts.FIRST)
            .toJavaRDD();
    double[] shapes = new double[columns];
    long[][] deciles = new long[columns][0];
    for (long[] found : sorted.mapPartitions(own -> scan(own, keys, held, drawn)).collect()) {
      int column = (int) found[0];
      // Differences of shares times both numbers of rows are whole numbers.
      shapes[column] = 1 - found[1] / ((double) held * drawn);
      deciles[column] = Arrays.copyOfRange(found, 2, found.length);
    }
    return new ColumnShapes(shapes, deciles);
  }

  /**
   * The bin of a number among ten that hold as many held-out rows each.
   *
   * @param key not of a null
   */
  static int bin(long[] deciles, long key) {
    int bin = 0;
    while (bin < deciles.length && key > deciles[bin]) {
      bin++;
    }
    return bin;
  }

  /** The columns whose samples are least alike, in the order of the columns. */
  int[] leastAlike(int most) {
    return IntStream.range(0, shapes.length)
        .boxed()
        .sorted(Comparator.comparingDouble(c -> shapes[c]))
        .limit(most)
        .mapToInt(c -> c)
        .sorted()
        .toArray();
  }

  private static Iterator<long[]> scan(Iterator<Row> cells, TableKeys keys, long held, long drawn) {
    List<long[]> found = new ArrayList<>();
    Scan scan = null;
    while (cells.hasNext()) {
      Row cell = cells.next();
      if (scan == null || scan.column != cell.getInt(0)) {
        if (scan != null) {
          found.add(scan.result());
        }
        scan = new Scan(cell.getInt(0), keys.isCategory(cell.getInt(0)), held, drawn);
      }
      scan.add(cell.getLong(1), cell.getLong(3), cell.getLong(4));
    }
    if (scan != null) {
      found.add(scan.result());
    }
    return found.iterator();
  }

  /** The values of one column, in their order. */
  private static final class Scan {
    private final int column;
    private final boolean category;
    private final long held;
    private final long drawn;
    private final List<Long> deciles = new ArrayList<>();
    private long gap; // Σ |difference| of categories, else its largest, times held · drawn
    private long heldUpTo;
    private long drawnUpTo;
    private long nulls;

    Scan(int column, boolean category, long held, long drawn) {
      this.column = column;
      this.category = category;
      this.held = held;
      this.drawn = drawn;
    }

    void add(long key, long ofHeld, long ofDrawn) {
      heldUpTo += ofHeld;
      drawnUpTo += ofDrawn;
      if (category) {
        gap += Math.abs(ofHeld * drawn - ofDrawn * held);
        return;
      }
      gap = Math.max(gap, Math.abs(heldUpTo * drawn - drawnUpTo * held));
      if (key == TableKeys.NULL) {
        nulls = ofHeld;
        return;
      }
      long numbers = held - nulls;
      while (deciles.size() < DECILES - 1
          && numbers > 0
          && (heldUpTo - nulls) * DECILES >= (deciles.size() + 1) * numbers) {
        deciles.add(key);
      }
    }

    /** The column, the gap and the deciles. */
    long[] result() {
      return LongStream.concat(
              LongStream.of(column, category ? gap / 2 : gap), deciles.stream().mapToLong(n -> n))
          .toArray();
    }
  }
}
