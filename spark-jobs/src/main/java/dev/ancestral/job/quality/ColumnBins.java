package dev.ancestral.job.quality;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.max;
import static org.apache.spark.sql.functions.min;
import static org.apache.spark.sql.functions.when;

import dev.ancestral.data.rows.SqlTypes;
import dev.ancestral.schema.ColumnKind;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DecimalType;

/**
 * The bins of a column's histogram: the commonest categories and one bin for the others, or at most
 * {@value #MOST_BINS} bins of one width around the middle eight tenths of the held-out numbers.
 *
 * @param uppers the last key of each bin but the last one
 * @param labels of bins or edges
 */
record ColumnBins(long[] uppers, List<String> labels) {
  /** Categories with a bin of their own. */
  static final int MOST_CATEGORIES = 12;

  private static final int MOST_BINS = 20;
  private static final int LAST_DECILE = 8;
  private static final MathContext DIGITS = new MathContext(4);
  private static final int MOST_PLAIN = 7;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT);

  /**
   * Counts the rows in the bins of some columns.
   *
   * @param table the same rows as {@code rows}
   * @param deciles of {@link ColumnShapes}
   */
  static List<TablePictures.Histogram> histograms(
      SparkSession session,
      Dataset<Row> table,
      JavaRDD<Row> rows,
      TableKeys keys,
      long[][] deciles,
      int[] chosen) {
    Row ends = ends(table, chosen);
    List<ColumnBins> bins = new ArrayList<>();
    for (int i = 0; i < chosen.length; i++) {
      int c = chosen[i];
      bins.add(
          keys.isCategory(c)
              ? ofCategories((ColumnType.Category) keys.columns().get(c).type())
              : ends.isNullAt(2 * i)
                  ? new ColumnBins(new long[0], List.of("", ""))
                  : ofNumbers(keys, c, ends.getLong(2 * i), ends.getLong(2 * i + 1), deciles[c]));
    }
    long[][] uppers = bins.stream().map(ColumnBins::uppers).toArray(long[][]::new);
    CellCounts.Cells cells =
        (row, sink) -> {
          for (int i = 0; i < chosen.length; i++) {
            long key = row.getLong(TableRows.FIRST + chosen[i]);
            sink.add(i, key == TableKeys.NULL ? -1 : ColumnShapes.bin(uppers[i], key), 0);
          }
        };
    long[][][] counts = new long[chosen.length][2][];
    for (int i = 0; i < chosen.length; i++) {
      counts[i][0] = new long[uppers[i].length + 2]; // the first is of nulls
      counts[i][1] = new long[uppers[i].length + 2];
    }
    for (Row cell : CellCounts.of(session, rows, cells).collectAsList()) {
      int bin = (int) cell.getLong(1) + 1;
      counts[cell.getInt(0)][0][bin] = cell.getLong(3);
      counts[cell.getInt(0)][1][bin] = cell.getLong(4);
    }
    return IntStream.range(0, chosen.length)
        .mapToObj(
            i ->
                bins.get(i)
                    .histogram(
                        keys.columns().get(chosen[i]).name(),
                        keys.isCategory(chosen[i]),
                        counts[i][0],
                        counts[i][1]))
        .toList();
  }

  /** The least and the greatest key of each column that are not null. */
  private static Row ends(Dataset<Row> table, int[] chosen) {
    List<Column> ends = new ArrayList<>();
    for (int c : chosen) {
      Column key = col(table.columns()[TableRows.FIRST + c]);
      Column value = when(key.notEqual(lit(TableKeys.NULL)), key);
      ends.add(min(value));
      ends.add(max(value));
    }
    return table.agg(ends.get(0), ends.subList(1, ends.size()).toArray(Column[]::new)).head();
  }

  private static ColumnBins ofCategories(ColumnType.Category category) {
    List<String> names = new ArrayList<>(category.vocabulary());
    names.add(ColumnType.Category.OTHER);
    if (names.size() > MOST_CATEGORIES + 1) {
      int others = names.size() - MOST_CATEGORIES;
      names = new ArrayList<>(names.subList(0, MOST_CATEGORIES));
      names.add(others + " rarer values");
    }
    return new ColumnBins(IntStream.range(0, names.size() - 1).asLongStream().toArray(), names);
  }

  private static ColumnBins ofNumbers(
      TableKeys keys, int column, long least, long most, long[] deciles) {
    boolean narrow = deciles.length > LAST_DECILE && deciles[LAST_DECILE] > deciles[0];
    long low = narrow ? deciles[0] : least;
    long high = narrow ? deciles[LAST_DECILE] : most;
    RowColumn described = keys.columns().get(column);
    if (described.type() instanceof ColumnType.Real) {
      double from = keys.real(low);
      double to = keys.real(high);
      double around = narrow ? (to - from) / 2 : 0;
      return reals(
          keys,
          column,
          Math.max(keys.real(least), from - around),
          Math.min(keys.real(most), to + around));
    }
    double around = narrow ? ((double) high - low) / 2 : 0;
    // Sums of longs that may not be one are compared as doubles first.
    long from = (double) low - around <= least ? least : low - (long) around;
    long to = (double) high + around >= most ? most : high + (long) around;
    return wholes(described, from, to);
  }

  private static ColumnBins reals(TableKeys keys, int column, double from, double to) {
    int bins = to > from ? MOST_BINS : 1;
    long[] uppers = new long[bins - 1];
    List<String> labels = new ArrayList<>(List.of(text(from)));
    for (int b = 1; b < bins; b++) {
      double edge = from + (to - from) * b / bins;
      uppers[b - 1] = keys.key(column, (Object) edge);
      labels.add(text(edge));
    }
    labels.add(text(to));
    return new ColumnBins(uppers, labels);
  }

  private static ColumnBins wholes(RowColumn column, long from, long to) {
    // Unsigned: the difference of two longs has 64 bits.
    long step = ((ColumnType.Whole) column.type()).step();
    long steps = Long.divideUnsigned(Long.divideUnsigned(to - from, step), MOST_BINS) + 1;
    long width = steps * step;
    int bins = (int) Long.divideUnsigned(to - from, width) + 1;
    long[] uppers = new long[bins - 1];
    List<String> labels = new ArrayList<>();
    for (int b = 0; b <= bins; b++) {
      long edge = from + b * width;
      if (b > 0 && b < bins) {
        uppers[b - 1] = edge - 1;
      }
      labels.add(text(column, b == bins ? to : edge));
    }
    return new ColumnBins(uppers, labels);
  }

  private static String text(RowColumn column, long value) {
    if (column.kind() == ColumnKind.DATE) {
      return LocalDate.ofEpochDay(value).toString();
    }
    if (column.kind() == ColumnKind.TIMESTAMP) {
      Instant time =
          Instant.ofEpochSecond(
              Math.floorDiv(value, 1_000_000L), 1000 * Math.floorMod(value, 1_000_000L));
      return TIME.format(time.atOffset(ZoneOffset.UTC));
    }
    int places =
        SqlTypes.parse(column.sqlType()) instanceof DecimalType decimal ? decimal.scale() : 0;
    return BigDecimal.valueOf(value, places).toPlainString();
  }

  /** A number in four digits. */
  static String text(double value) {
    if (value == 0) {
      return "0";
    }
    BigDecimal rounded = new BigDecimal(value).round(DIGITS).stripTrailingZeros();
    String plain = rounded.toPlainString();
    return plain.length() <= MOST_PLAIN ? plain : String.format(Locale.ROOT, "%.3g", value);
  }

  private TablePictures.Histogram histogram(
      String name, boolean category, long[] ofHeld, long[] ofDrawn) {
    List<String> shown = new ArrayList<>(category ? List.of() : labels);
    List<Long> held = new ArrayList<>();
    List<Long> drawn = new ArrayList<>();
    for (int b = 1; b < ofHeld.length; b++) {
      if (!category || ofHeld[b] + ofDrawn[b] > 0) {
        held.add(ofHeld[b]);
        drawn.add(ofDrawn[b]);
        if (category) {
          shown.add(labels.get(b - 1));
        }
      }
    }
    return new TablePictures.Histogram(name, category, shown, held, drawn, ofHeld[0], ofDrawn[0]);
  }

  /** Distances in bins of one width, the last of which has all that lies beyond it as well. */
  static TablePictures.Histogram distances(String name, float[] toHeld, float[] toTraining) {
    float[] all = Arrays.copyOf(toHeld, toHeld.length + toTraining.length);
    System.arraycopy(toTraining, 0, all, toHeld.length, toTraining.length);
    Arrays.sort(all);
    double most = Math.max(all[(all.length - 1) * 99 / 100], Float.MIN_NORMAL);
    List<String> labels = new ArrayList<>();
    for (int b = 0; b <= MOST_BINS; b++) {
      labels.add(text(most * b / MOST_BINS));
    }
    return new TablePictures.Histogram(
        name, false, labels, counted(toHeld, most), counted(toTraining, most), 0, 0);
  }

  private static List<Long> counted(float[] distances, double most) {
    Long[] counts = new Long[MOST_BINS];
    Arrays.fill(counts, 0L);
    for (float distance : distances) {
      counts[(int) Math.min(MOST_BINS - 1.0, distance / most * MOST_BINS)]++;
    }
    return List.of(counts);
  }
}
