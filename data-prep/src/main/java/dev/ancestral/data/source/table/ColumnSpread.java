package dev.ancestral.data.source.table;

import dev.ancestral.Refusal;
import java.io.Serializable;
import java.util.Arrays;

/**
 * Mean and spread of each element of rows, and by how much float32 moves one of its values at most.
 *
 * <p>Law: values are held as float32, which moves a real number by up to 6·10⁻⁸ of its magnitude.
 * That is refused where it is more than a thousandth of the standard deviation of its column, for
 * then values that differ become equal. A column whose standard deviation is below 10⁻¹² of its
 * mean counts as constant.
 */
final class ColumnSpread implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final double MOST_ERROR = 1e-3;
  private static final double CONSTANT = 1e-12;

  private double[] first;
  private long[] count;
  // Sums of differences from the first value, and of their squares.
  private double[] sum;
  private double[] squares;
  private double[] error;
  private double[] moved;
  private int[] part;
  private long[] row;

  /**
   * Adds a row.
   *
   * @param inPart index of the part of the input that it is in
   * @param rowOfPart from 1
   */
  void add(TableRow values, int inPart, long rowOfPart) {
    if (first == null) {
      allocate(values.size());
    }
    for (int e = 0; e < values.size(); e++) {
      double value = values.value(e);
      if (Double.isNaN(value)) {
        continue;
      }
      if (count[e]++ == 0) {
        first[e] = value;
      }
      double difference = value - first[e];
      sum[e] += difference;
      squares[e] += difference * difference;
      double moves = Math.abs(value - (float) value);
      if (moves > error[e]) {
        error[e] = moves;
        moved[e] = value;
        part[e] = inPart;
        row[e] = rowOfPart;
      }
    }
  }

  private void allocate(int elements) {
    first = new double[elements];
    count = new long[elements];
    sum = new double[elements];
    squares = new double[elements];
    error = new double[elements];
    moved = new double[elements];
    part = new int[elements];
    row = new long[elements];
  }

  /**
   * Adds what comes next in the input, of rows of as many elements.
   *
   * @param parts how many parts are before it
   */
  void merge(ColumnSpread next, int parts) {
    if (next.first == null) {
      return;
    }
    if (first == null) {
      allocate(next.first.length);
    }
    for (int e = 0; e < first.length; e++) {
      if (count[e] == 0) {
        first[e] = next.first[e];
      }
      // Σ(x − a)² about another a, from Σ(x − b) and Σ(x − b)².
      double shift = next.first[e] - first[e];
      squares[e] += next.squares[e] + 2 * shift * next.sum[e] + next.count[e] * shift * shift;
      sum[e] += next.sum[e] + next.count[e] * shift;
      count[e] += next.count[e];
      if (next.error[e] > error[e]) {
        error[e] = next.error[e];
        moved[e] = next.moved[e];
        part[e] = parts + next.part[e];
        row[e] = next.row[e];
      }
    }
  }

  /** Where a row is, for messages. */
  @FunctionalInterface
  interface Place {
    String of(int part, long row);
  }

  /**
   * Checks that float32 keeps what tells the values of a column apart.
   *
   * @param elements of each column
   * @throws Refusal (DATA) if it does not
   */
  void requireKept(TableColumns columns, int[] elements, Place place) {
    for (int e = 0; first != null && e < first.length; e++) {
      double mean = sum[e] / Math.max(1, count[e]);
      double deviation = Math.sqrt(Math.max(0, squares[e] / Math.max(1, count[e]) - mean * mean));
      boolean constant = deviation <= CONSTANT * Math.abs(first[e] + mean);
      if (!constant && error[e] > MOST_ERROR * deviation) {
        throw new Refusal(
            Refusal.Kind.DATA,
            place.of(part[e], row[e])
                + ": column '"
                + name(columns, elements, e)
                + "' is "
                + moved[e]
                + ", which float32 holds as "
                + (float) moved[e]
                + ", "
                + error[e]
                + " away, and the standard deviation of the column is "
                + (float) deviation
                + "; it must be at least a thousand times that: subtract an offset from the column,"
                + " or leave it out (columns)");
      }
    }
  }

  private static String name(TableColumns columns, int[] elements, int element) {
    int end = 0;
    for (int c = 0; c < elements.length; c++) {
      int begin = end;
      end += elements[c];
      if (element < end) {
        String name = columns.names().get(c);
        return elements[c] == 1 ? name : name + "[" + (element - begin) + "]";
      }
    }
    throw new IllegalArgumentException("element " + element + " of " + Arrays.toString(elements));
  }
}
