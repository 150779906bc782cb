package dev.ancestral.model;

import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.ColumnKind;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import java.util.Arrays;
import java.util.List;

/** Schemas of few columns with few values, and random rows of two groups. */
public final class SmallRows {
  private SmallRows() {}

  /** A column of texts. */
  public static RowColumn category(
      String name, boolean otherSeen, boolean nullable, String... vocabulary) {
    ColumnType type = new ColumnType.Category(List.of(vocabulary), otherSeen);
    return new RowColumn(name, ColumnKind.CATEGORY, type, nullable, "string");
  }

  /** A column of whole numbers with bins. */
  public static RowColumn whole(String name, boolean nullable, long step, Long... edges) {
    long greatest = edges[edges.length - 1] - step;
    ColumnType type = new ColumnType.Whole(edges[0], greatest, step, List.of(edges));
    return new RowColumn(name, ColumnKind.INTEGER, type, nullable, "bigint");
  }

  /** A column of real numbers. */
  public static RowColumn real(String name, boolean nullable, double shift, double scale) {
    ColumnType type = new ColumnType.Real(shift, scale);
    return new RowColumn(name, ColumnKind.REAL, type, nullable, "double");
  }

  /**
   * A text and a whole number, an element each. The data have other texts and nulls where {@code
   * everything}.
   */
  public static RowSchema discrete(RowSchema.Nulls nulls, boolean everything) {
    return new RowSchema(
        List.of(
            category("colour", everything, true, "red", "green"),
            whole("count", everything, 2, 10L, 12L, 16L)),
        nulls);
  }

  /**
   * Random values that the data may have had, a number in six null where a column may be null; the
   * later group has higher codes and numbers.
   *
   * @param event rows, or sequences of rows
   * @param steps of each sequence; 1 for rows
   */
  public static Batch correlated(EventSpec event, int count, int steps) {
    RowSchema schema = event.schema().orElseThrow();
    RandomKey key = RandomKey.of(23);
    float[] values = new float[count * steps * event.size()];
    int[] labels = event.hasLabels() ? new int[count] : null;
    for (int row = 0; row < count * steps; row++) {
      RandomKey own = key.fold(row);
      boolean high = own.fold("group").uniform(0) < 0.4;
      if (labels != null) {
        labels[row] = high ? 1 : 0;
      }
      for (int c = 0; c < schema.columns().size(); c++) {
        RowColumn column = schema.columns().get(c);
        boolean none = column.nullable() && own.fold("null").below(c, 6) == 0;
        double u = Math.pow(own.uniform(c), high ? 0.5 : 2);
        column.encode(
            none ? null : value(column.type(), u), values, row * event.size() + schema.begin(c));
      }
    }
    int[] lengths = null;
    if (event.variableLength()) {
      lengths = new int[count];
      Arrays.fill(lengths, steps);
    }
    long[] ids = new long[count];
    Arrays.setAll(ids, i -> i);
    return new Batch(event, ids, values, labels, lengths);
  }

  private static Object value(ColumnType type, double u) {
    if (type instanceof ColumnType.Category category) {
      int code = (int) (u * (category.vocabulary().size() + (category.otherSeen() ? 1 : 0)));
      return code < category.other() ? category.vocabulary().get(code) : "another text";
    }
    if (type instanceof ColumnType.Whole whole) {
      long values = (whole.greatest() - whole.least()) / whole.step() + 1;
      long steps = (long) (u * values);
      return whole.least() + steps * whole.step();
    }
    ColumnType.Real real = (ColumnType.Real) type;
    return real.shift() + real.scale() * (3 * u - 1.5);
  }
}
