package dev.ancestral.job.quality;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.sum;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * How alike each pair of columns hangs together in held-out and in drawn rows: 1 − half the
 * difference of the correlations of two columns of numbers, over rows in which neither is null; 1 −
 * the total variation of the contingency table where one is a category, numbers taken in ten bins
 * of as many held-out rows each and a null in one of its own.
 *
 * <p>A correlation with a column that has one value is 0.
 *
 * @param pairs in the order of their columns
 */
record PairTrends(List<Pair> pairs) {

  /**
   * Two columns and how alike they hang together, from 0 to 1.
   *
   * @param held correlation in held-out rows; 0 where one of the columns is a category
   * @param drawn the same in drawn rows
   */
  record Pair(int first, int second, double trend, double held, double drawn) {}

  PairTrends {
    pairs = List.copyOf(pairs);
  }

  /** Counts and sums; the rows of a partition are added in their order, partitions in theirs. */
  static PairTrends of(
      SparkSession session,
      JavaRDD<Row> rows,
      TableKeys keys,
      long[][] deciles,
      long held,
      long drawn) {
    List<int[]> tables = new ArrayList<>();
    List<int[]> numbers = new ArrayList<>();
    int columns = keys.columns().size();
    for (int a = 0; a < columns; a++) {
      for (int b = a + 1; b < columns; b++) {
        (keys.isCategory(a) || keys.isCategory(b) ? tables : numbers).add(new int[] {a, b});
      }
    }
    double[][] trends = new double[columns][columns];
    double[][][] correlations = new double[2][columns][columns];
    tables(session, rows, keys, deciles, tables, held, drawn, trends);
    if (!numbers.isEmpty()) {
      correlations(rows, keys, numbers, trends, correlations);
    }
    List<Pair> pairs = new ArrayList<>();
    for (int a = 0; a < columns; a++) {
      for (int b = a + 1; b < columns; b++) {
        pairs.add(new Pair(a, b, trends[a][b], correlations[0][a][b], correlations[1][a][b]));
      }
    }
    return new PairTrends(pairs);
  }

  private static void tables(
      SparkSession session,
      JavaRDD<Row> rows,
      TableKeys keys,
      long[][] deciles,
      List<int[]> pairs,
      long held,
      long drawn,
      double[][] trends) {
    int columns = keys.columns().size();
    CellCounts.Cells cells =
        (row, sink) -> {
          long[] symbols = new long[columns];
          for (int c = 0; c < columns; c++) {
            long key = row.getLong(TableRows.FIRST + c);
            symbols[c] =
                key == TableKeys.NULL || keys.isCategory(c)
                    ? key
                    : ColumnShapes.bin(deciles[c], key);
          }
          for (int p = 0; p < pairs.size(); p++) {
            sink.add(p, symbols[pairs.get(p)[0]], symbols[pairs.get(p)[1]]);
          }
        };
    // Differences of shares times both numbers of rows are whole numbers: sums have no order.
    List<Row> found =
        CellCounts.of(session, rows, cells)
            .groupBy(CellCounts.TABLE)
            .agg(
                sum(
                    abs(
                        col(CellCounts.HELD)
                            .multiply(lit(drawn))
                            .minus(col(CellCounts.DRAWN).multiply(lit(held))))))
            .collectAsList();
    for (Row table : found) {
      int[] pair = pairs.get(table.getInt(0));
      trends[pair[0]][pair[1]] = 1 - table.getLong(1) / 2.0 / ((double) held * drawn);
    }
  }

  private static void correlations(
      JavaRDD<Row> rows,
      TableKeys keys,
      List<int[]> pairs,
      double[][] trends,
      double[][][] correlations) {
    double[][] sums = new double[2][pairs.size() * Products.SIZE];
    for (double[] part : rows.mapPartitions(own -> products(own, keys, pairs)).collect()) {
      int each = part.length / 2;
      for (int i = 0; i < each; i++) {
        sums[0][i] += part[i];
        sums[1][i] += part[each + i];
      }
    }
    for (int p = 0; p < pairs.size(); p++) {
      int at = p * Products.SIZE;
      int first = pairs.get(p)[0];
      int second = pairs.get(p)[1];
      double held = Products.correlation(sums[0], at);
      double drawn = Products.correlation(sums[1], at);
      correlations[0][first][second] = held;
      correlations[1][first][second] = drawn;
      trends[first][second] = 1 - Math.abs(held - drawn) / 2;
    }
  }

  /** Sums of held-out rows, then of drawn ones. */
  private static Iterator<double[]> products(
      Iterator<Row> rows, TableKeys keys, List<int[]> pairs) {
    int each = pairs.size() * Products.SIZE;
    double[] sums = new double[2 * each];
    double[] numbers = new double[keys.columns().size()];
    while (rows.hasNext()) {
      Row row = rows.next();
      for (int c = 0; c < numbers.length; c++) {
        long key = row.getLong(TableRows.FIRST + c);
        numbers[c] = keys.isCategory(c) || key == TableKeys.NULL ? Double.NaN : keys.number(c, key);
      }
      int at = row.getBoolean(TableRows.DRAWN) ? each : 0;
      for (int[] pair : pairs) {
        Products.add(numbers[pair[0]], numbers[pair[1]], sums, at);
        at += Products.SIZE;
      }
    }
    return List.of(sums).iterator();
  }

  /** Number, sums, sums of squares and sum of products of pairs of numbers. */
  private static final class Products {
    static final int SIZE = 6;

    private Products() {}

    static void add(double x, double y, double[] sums, int at) {
      if (!Double.isNaN(x) && !Double.isNaN(y)) {
        sums[at]++;
        sums[at + 1] += x;
        sums[at + 2] += y;
        sums[at + 3] += x * x;
        sums[at + 4] += y * y;
        sums[at + 5] += x * y;
      }
    }

    static double correlation(double[] sums, int at) {
      double[] s = Arrays.copyOfRange(sums, at, at + SIZE);
      double varianceOfX = s[0] * s[3] - s[1] * s[1];
      double varianceOfY = s[0] * s[4] - s[2] * s[2];
      // What is left of a column with one value is rounding.
      boolean constant = varianceOfX <= 1e-12 * s[0] * s[3] || varianceOfY <= 1e-12 * s[0] * s[4];
      return constant
          ? 0
          : (s[0] * s[5] - s[1] * s[2]) / Math.sqrt(varianceOfX) / Math.sqrt(varianceOfY);
    }
  }
}
