package dev.ancestral.job.quality;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;

/**
 * How strongly every two of some columns hang together: the correlation of two columns of numbers,
 * from −1 to 1; Cramér's V (1946) of the contingency table where one is a category, from 0 to 1,
 * numbers taken in ten bins of as many held-out rows each, rare categories as one, and a null in a
 * bin of its own. 0 where a column has one value, 1 on the diagonal.
 *
 * @param held of held-out rows, symmetric
 * @param drawn of drawn rows, symmetric
 */
public record Associations(List<List<Double>> held, List<List<Double>> drawn) {

  public Associations {
    held = List.copyOf(held);
    drawn = List.copyOf(drawn);
  }

  /**
   * Counts.
   *
   * @param chosen columns, ascending
   * @param trends of all columns, with their correlations
   */
  static Associations of(
      SparkSession session,
      JavaRDD<Row> rows,
      TableKeys keys,
      long[][] deciles,
      int[] chosen,
      PairTrends trends) {
    double[][] ofHeld = new double[chosen.length][chosen.length];
    double[][] ofDrawn = new double[chosen.length][chosen.length];
    List<int[]> tables = new ArrayList<>();
    for (int a = 0; a < chosen.length; a++) {
      ofHeld[a][a] = 1;
      ofDrawn[a][a] = 1;
      for (int b = a + 1; b < chosen.length; b++) {
        if (keys.isCategory(chosen[a]) || keys.isCategory(chosen[b])) {
          tables.add(new int[] {a, b});
        }
      }
    }
    for (PairTrends.Pair pair : trends.pairs()) {
      int a = Arrays.binarySearch(chosen, pair.first());
      int b = Arrays.binarySearch(chosen, pair.second());
      if (a >= 0 && b >= 0) { // Of tables they are 0 and counted below.
        set(ofHeld, a, b, pair.held());
        set(ofDrawn, a, b, pair.drawn());
      }
    }
    if (!tables.isEmpty()) {
      JavaRDD<Row> sorted =
          CellCounts.of(session, rows, cells(keys, deciles, chosen, tables))
              .repartition(functions.col(CellCounts.TABLE))
              .sortWithinPartitions(CellCounts.TABLE, CellCounts.FIRST, CellCounts.SECOND)
              .toJavaRDD();
      for (double[] found : sorted.mapPartitions(Associations::scan).collect()) {
        int[] pair = tables.get((int) found[0]);
        set(ofHeld, pair[0], pair[1], found[1]);
        set(ofDrawn, pair[0], pair[1], found[2]);
      }
    }
    return new Associations(listed(ofHeld), listed(ofDrawn));
  }

  private static CellCounts.Cells cells(
      TableKeys keys, long[][] deciles, int[] chosen, List<int[]> tables) {
    return (row, sink) -> {
      long[] symbols = new long[chosen.length];
      for (int c = 0; c < chosen.length; c++) {
        long key = row.getLong(TableRows.FIRST + chosen[c]);
        symbols[c] =
            key == TableKeys.NULL
                ? key
                : keys.isCategory(chosen[c])
                    ? Math.min(key, ColumnBins.MOST_CATEGORIES)
                    : ColumnShapes.bin(deciles[chosen[c]], key);
      }
      for (int t = 0; t < tables.size(); t++) {
        sink.add(t, symbols[tables.get(t)[0]], symbols[tables.get(t)[1]]);
      }
    };
  }

  private static void set(double[][] matrix, int a, int b, double value) {
    matrix[a][b] = value;
    matrix[b][a] = value;
  }

  private static List<List<Double>> listed(double[][] matrix) {
    return Arrays.stream(matrix)
        .map(row -> Arrays.stream(row).boxed().toList())
        .map(Collections::unmodifiableList)
        .toList();
  }

  /** Number of the table, V of held-out and of drawn rows; the cells of a table are few. */
  private static Iterator<double[]> scan(Iterator<Row> cells) {
    List<double[]> found = new ArrayList<>();
    List<Row> table = new ArrayList<>();
    while (cells.hasNext()) {
      Row cell = cells.next();
      if (!table.isEmpty() && table.get(0).getInt(0) != cell.getInt(0)) {
        found.add(ofTable(table));
        table.clear();
      }
      table.add(cell);
    }
    if (!table.isEmpty()) {
      found.add(ofTable(table));
    }
    return found.iterator();
  }

  private static double[] ofTable(List<Row> cells) {
    return new double[] {cells.get(0).getInt(0), cramersV(cells, 3), cramersV(cells, 4)};
  }

  /**
   * Cramér's V of a contingency table.
   *
   * @param cells rows of {@link CellCounts}
   * @param counts which of their fields is counted
   */
  static double cramersV(List<Row> cells, int counts) {
    Map<Long, Long> first = new HashMap<>();
    Map<Long, Long> second = new HashMap<>();
    for (Row cell : cells) {
      long count = cell.getLong(counts);
      if (count > 0) {
        first.merge(cell.getLong(1), count, Long::sum);
        second.merge(cell.getLong(2), count, Long::sum);
      }
    }
    int freedom = Math.min(first.size(), second.size()) - 1;
    if (freedom < 1) {
      return 0;
    }
    double sum = 0;
    for (Row cell : cells) {
      double count = cell.getLong(counts);
      if (count > 0) {
        sum += count * count / first.get(cell.getLong(1)) / second.get(cell.getLong(2));
      }
    }
    return Math.min(1, Math.sqrt(Math.max(0, sum - 1) / freedom));
  }
}
