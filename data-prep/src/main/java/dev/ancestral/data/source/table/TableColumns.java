package dev.ancestral.data.source.table;

import dev.ancestral.data.Decimal;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Which columns of a table are read, and what their values become.
 *
 * @param names of the columns of elements, in the order of the elements
 * @param label name of the column of labels, or empty
 * @param missing whether an element may be missing: a null, an empty field, {@code ?} or NaN
 * @param byValue whether a real number counts as whole if it is one
 * @param continuous whether whole numbers are real numbers, which float32 may round
 */
record TableColumns(
    List<String> names, String label, boolean missing, boolean byValue, boolean continuous)
    implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final Set<String> MISSING = Set.of("", "?", "NaN", "nan");
  private static final int MOST_CLASSES = 1 << 20;

  TableColumns {
    names = List.copyOf(names);
  }

  /** What is wrong with a row; the number of the row is known to the caller, which counts. */
  static final class WrongRow extends Exception {
    private static final long serialVersionUID = 1L;

    WrongRow(String message) {
      super(message);
    }
  }

  /** All columns that a file must have. */
  List<String> needed() {
    if (label.isEmpty()) {
      return names;
    }
    return Stream.concat(names.stream(), Stream.of(label)).toList();
  }

  /** Index of the column of labels among those needed; −1 without labels. */
  int labelIndex() {
    return label.isEmpty() ? -1 : names.size();
  }

  /** A field of a CSV file. */
  void add(TableRow row, String column, String text) throws WrongRow {
    if (missing && MISSING.contains(text)) {
      row.add(Double.NaN, true);
    } else if (Decimal.isWhole(text)) {
      addWhole(row, column, Decimal.value(text), Decimal.isExactInFloat32(text), text);
    } else if (Decimal.isNumber(text)) {
      addReal(row, column, Decimal.value(text), text);
    } else {
      throw wrong(
          column,
          text.isEmpty() ? "empty" : "'" + text + "'",
          isNotFinite(text)
              ? "a finite number" + (MISSING.contains(text) ? " (or allow 'missing')" : "")
              : MISSING.contains(text)
                  ? "a number (or allow 'missing')"
                  : "a number such as -1.5e3 (or ask for rows of typed columns: 'rows')");
    }
  }

  private static boolean isNotFinite(String text) {
    String word = text.toLowerCase(Locale.ROOT).replaceFirst("^[+-]", "");
    return Set.of("nan", "inf", "infinity").contains(word);
  }

  void add(TableRow row, String column, long whole) throws WrongRow {
    addWhole(row, column, (double) whole, Decimal.isExactInFloat32(whole), whole);
  }

  void add(TableRow row, String column, BigInteger whole) throws WrongRow {
    addWhole(row, column, whole.doubleValue(), Decimal.isExactInFloat32(whole.toString()), whole);
  }

  void add(TableRow row, String column, double number) throws WrongRow {
    if (missing && Double.isNaN(number)) {
      row.add(Double.NaN, true);
    } else {
      addReal(row, column, number, number);
    }
  }

  void add(TableRow row, String column, BigDecimal number) throws WrongRow {
    if (number.scale() == 0) {
      add(row, column, number.toBigIntegerExact());
    } else {
      addReal(row, column, number.doubleValue(), number);
    }
  }

  /** A null. */
  void addNull(TableRow row, String column) throws WrongRow {
    if (!missing) {
      throw wrong(column, "empty", "a number (or allow 'missing')");
    }
    row.add(Double.NaN, true);
  }

  private void addWhole(TableRow row, String column, double number, boolean exact, Object value)
      throws WrongRow {
    if (!exact && !continuous) {
      throw wrong(
          column,
          "'" + value + "'",
          "a whole number that float32 holds (all up to 16777216 are): subtract an offset, divide"
              + " the column, leave it out (columns), or allow 'continuous' to have it rounded");
    }
    row.add(finite(column, number, value), true);
  }

  private void addReal(TableRow row, String column, double number, Object value) throws WrongRow {
    row.add(finite(column, number, value), byValue && number == Math.rint(number));
  }

  private static double finite(String column, double number, Object value) throws WrongRow {
    if (!Float.isFinite((float) number)) {
      throw wrong(column, "'" + value + "'", "a finite number within float32");
    }
    return number;
  }

  /**
   * The class that a value of the column of labels stands for: a whole number, however it is
   * written, or 0 and 1 for false and true.
   */
  int label(String text) throws WrongRow {
    if (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")) {
      return text.equalsIgnoreCase("true") ? 1 : 0;
    }
    if (!Decimal.isNumber(text)) {
      throw wrongLabel(text);
    }
    return label(Decimal.value(text), text);
  }

  int label(double number, Object value) throws WrongRow {
    if (number < 0 || number >= MOST_CLASSES || number != Math.rint(number)) {
      throw wrongLabel(value);
    }
    return (int) number;
  }

  WrongRow wrongLabel(Object value) {
    return wrong(
        label,
        value == null || value.equals("") ? "empty" : "'" + value + "'",
        "a whole number from 0 to " + (MOST_CLASSES - 1));
  }

  static WrongRow wrong(String column, String value, String allowed) {
    return new WrongRow("column '" + column + "' is " + value + "; it must be " + allowed);
  }
}
