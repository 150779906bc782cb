package dev.ancestral.data.source;

import dev.ancestral.data.Example;
import java.io.Serializable;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Row;

/**
 * Reads the numbers of a row.
 *
 * @param names of the columns of elements, which come first in a row
 * @param label name of the column that follows them, or empty
 * @param text whether values are text, followed by a column for lines that do not parse
 * @param missing whether an element may be missing: a null, an empty field, {@code ?} or NaN
 * @param byValue whether a real number counts as whole if it is one
 */
record TableColumns(
    List<String> names, String label, boolean text, boolean missing, boolean byValue)
    implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final Set<String> MISSING = Set.of("", "?", "NaN", "nan");

  TableColumns {
    names = List.copyOf(names);
  }

  /** What is wrong with a row; its number is known to whoever counts. */
  static final class WrongRow extends Exception {
    private static final long serialVersionUID = 1L;

    WrongRow(String message) {
      super(message);
    }
  }

  /** The numbers of a row, NaN for one that is missing, and whether all others are whole. */
  static final class Numbers {
    private double[] values = new double[16];
    private int size;
    private boolean whole = true;
    private int label = Example.NONE;

    private void add(double value, boolean isWhole) {
      if (size == values.length) {
        values = Arrays.copyOf(values, 2 * size);
      }
      values[size++] = value;
      whole &= isWhole;
    }

    double[] values() {
      return Arrays.copyOf(values, size);
    }

    boolean whole() {
      return whole;
    }

    int label() {
      return label;
    }
  }

  /** One name for a file, however the scheme is written. */
  static String canonical(Path path) {
    return (path.toUri().getAuthority() == null ? "" : path.toUri().getAuthority())
        + path.toUri().getPath();
  }

  Numbers numbers(Row row) throws WrongRow {
    int corrupt = names.size() + (label.isEmpty() ? 0 : 1);
    if (text && !row.isNullAt(corrupt)) {
      throw new WrongRow("has another number of columns than the header: " + row.get(corrupt));
    }
    Numbers numbers = new Numbers();
    for (int c = 0; c < names.size(); c++) {
      add(numbers, names.get(c), row.get(c));
    }
    if (!label.isEmpty()) {
      numbers.label = label(row.get(names.size()));
    }
    return numbers;
  }

  private void add(Numbers numbers, String column, Object value) throws WrongRow {
    if (missing && isMissing(value)) {
      numbers.add(Double.NaN, true);
    } else if (value instanceof scala.collection.Seq<?> list) {
      for (int i = 0; i < list.size(); i++) {
        add(numbers, column + "[" + i + "]", list.apply(i));
      }
    } else if (value instanceof Long || value instanceof Integer) {
      numbers.add(((Number) value).doubleValue(), true);
    } else if (value instanceof Short || value instanceof Byte) {
      numbers.add(((Number) value).intValue(), true);
    } else if (value instanceof Boolean bit) {
      numbers.add(bit ? 1 : 0, true);
    } else if (value instanceof Double || value instanceof Float) {
      addReal(numbers, finite(column, ((Number) value).doubleValue(), value));
    } else if (value instanceof BigDecimal decimal) {
      numbers.add(finite(column, decimal.doubleValue(), value), decimal.scale() == 0);
    } else {
      addText(numbers, column, value);
    }
  }

  private static boolean isMissing(Object value) {
    return value == null
        || (value instanceof Double number && number.isNaN())
        || (value instanceof Float real && real.isNaN())
        || (value instanceof String text && MISSING.contains(text));
  }

  private void addReal(Numbers numbers, double number) {
    numbers.add(number, byValue && number == Math.rint(number));
  }

  private void addText(Numbers numbers, String column, Object value) throws WrongRow {
    String text = value == null ? "" : value.toString();
    try {
      numbers.add((double) Long.parseLong(text), true);
    } catch (NumberFormatException notWhole) {
      try {
        addReal(numbers, finite(column, Double.parseDouble(text), text));
      } catch (NumberFormatException e) {
        throw wrong(
            column,
            value == null ? "empty" : "'" + text + "'",
            isMissing(value) ? "a number (or allow 'missing')" : "a number");
      }
    }
  }

  private static double finite(String column, double number, Object value) throws WrongRow {
    if (!Float.isFinite((float) number)) {
      throw wrong(column, "'" + value + "'", "a finite number within float32");
    }
    return number;
  }

  private int label(Object value) throws WrongRow {
    try {
      int number = Integer.parseInt(String.valueOf(value));
      if (number >= 0 && number < 1 << 20) {
        return number;
      }
    } catch (NumberFormatException e) {
      // Refused below, with what a label must be.
    }
    throw wrong(label, "'" + value + "'", "a whole number from 0 to " + ((1 << 20) - 1));
  }

  private static WrongRow wrong(String column, String value, String allowed) {
    return new WrongRow("column '" + column + "' is " + value + "; it must be " + allowed);
  }
}
