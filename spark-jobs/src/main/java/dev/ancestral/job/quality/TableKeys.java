package dev.ancestral.job.quality;

import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import java.io.Serializable;
import java.util.List;

/**
 * The values of columns as whole numbers that are ordered as the values are: codes of categories,
 * whole numbers as they are, and the bits of real numbers, {@link #NULL} below them all.
 *
 * @param columns of the rows
 */
record TableKeys(List<RowColumn> columns) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** A null. */
  static final long NULL = Long.MIN_VALUE;

  // A real number within four scales of the middle is about the range of the data.
  private static final double SCALES_OF_RANGE = 4;

  TableKeys {
    columns = List.copyOf(columns);
  }

  static TableKeys of(RowSchema schema) {
    return new TableKeys(schema.columns());
  }

  /** The key of a value of a column, as {@link RowColumn#decode} gives it. */
  long key(int column, Object value) {
    if (value == null) {
      return NULL;
    }
    if (value instanceof Double real) {
      long bits = Double.doubleToLongBits(real + 0.0); // −0 is 0
      return bits ^ ((bits >> 63) & Long.MAX_VALUE);
    }
    if (value instanceof Long whole) {
      return Math.max(whole, NULL + 1);
    }
    throw new IllegalArgumentException(
        "column '" + columns.get(column).name() + "' holds " + value);
  }

  /** The key of the elements of a column. */
  long key(int column, float[] elements, int at) {
    RowColumn described = columns.get(column);
    if (!isCategory(column)) {
      return key(column, described.decode(elements, at));
    }
    return Float.isNaN(elements[at]) ? NULL : (long) elements[at];
  }

  boolean isCategory(int column) {
    return columns.get(column).type() instanceof ColumnType.Category;
  }

  /** Codes of a category. */
  int codes(int column) {
    return ((ColumnType.Category) columns.get(column).type()).codes();
  }

  /**
   * A number of a column that is no category, in units of about the range of the data that fixed
   * the schema, 0 in its middle.
   *
   * @param key of a value that is not null
   */
  double number(int column, long key) {
    if (columns.get(column).type() instanceof ColumnType.Whole whole) {
      double range = Math.max(1, (double) whole.greatest() - whole.least());
      return ((double) key - whole.least()) / range - 0.5;
    }
    ColumnType.Real real = (ColumnType.Real) columns.get(column).type();
    return (real(key) - real.shift()) / real.scale() / SCALES_OF_RANGE;
  }

  /** The real number of a key that is not of a null. */
  double real(long key) {
    return Double.longBitsToDouble(key ^ ((key >> 63) & Long.MAX_VALUE));
  }
}
