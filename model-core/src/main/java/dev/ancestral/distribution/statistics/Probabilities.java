package dev.ancestral.distribution.statistics;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.util.Arrays;

/** Discrete distributions as rows of an array: checked, tempered and drawn from. */
public final class Probabilities {
  // What float32 leaves of a sum that was 1; rows that come this near are normalised.
  private static final double TOLERANCE = 1e-5;

  private Probabilities() {}

  /**
   * The rows, each divided by its sum.
   *
   * @param name of the parameter, for messages
   * @param width of a row
   * @throws AncestralException (MISMATCH) if an entry is no probability or a row does not sum to 1
   */
  public static double[] distributions(String name, double[] values, int width) {
    double[] normalized = values.clone();
    for (int row = 0; row * width < values.length; row++) {
      double sum = 0;
      for (int i = row * width; i < (row + 1) * width; i++) {
        require(name, i, values[i]);
        sum += values[i];
      }
      if (Math.abs(sum - 1) > TOLERANCE) {
        throw new AncestralException(
            ErrorCode.MISMATCH,
            "parameter '"
                + name
                + "' has a row, number "
                + row
                + ", that sums to "
                + sum
                + "; a distribution sums to 1");
      }
      for (int i = row * width; i < (row + 1) * width; i++) {
        normalized[i] /= sum;
      }
    }
    return normalized;
  }

  /** Refuses (MISMATCH) a number that is no probability. */
  static void require(String name, int index, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "parameter '"
              + name
              + "' has "
              + value
              + " at position "
              + index
              + "; a probability is from 0 to 1");
    }
  }

  /** The rows with their logits divided by the temperature; what is impossible stays so. */
  public static double[] tempered(double[] rows, int width, double temperature) {
    double[] tempered = rows.clone();
    if (temperature == 1) {
      return tempered;
    }
    for (int from = 0; from < rows.length; from += width) {
      double largest = 0;
      for (int i = from; i < from + width; i++) {
        largest = Math.max(largest, rows[i]);
      }
      double sum = 0;
      for (int i = from; i < from + width; i++) {
        tempered[i] = Math.exp(Math.log(rows[i] / largest) / temperature);
        sum += tempered[i];
      }
      for (int i = from; i < from + width; i++) {
        tempered[i] /= sum;
      }
    }
    return tempered;
  }

  /**
   * Running sums of each row; from the last possible entry on they are 1, whatever the rounding.
   */
  public static double[] cumulative(double[] rows, int width) {
    double[] cumulative = new double[rows.length];
    for (int from = 0; from < rows.length; from += width) {
      double sum = 0;
      int last = from;
      for (int i = from; i < from + width; i++) {
        sum += rows[i];
        cumulative[i] = sum;
        last = rows[i] > 0 ? i : last;
      }
      Arrays.fill(cumulative, last, from + width, 1);
    }
    return cumulative;
  }

  /**
   * The entry of a row that a uniform draw falls on: the first whose running sum exceeds it, so an
   * entry of probability zero is never drawn.
   *
   * @param from where the row begins
   */
  public static int drawn(double[] cumulative, int from, int width, double uniform) {
    int low = from;
    int high = from + width - 1;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (cumulative[middle] > uniform) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low - from;
  }

  /** log Σ exp of the entries; −∞ if all are. */
  public static double logSumExp(double[] values) {
    double largest = Double.NEGATIVE_INFINITY;
    for (double value : values) {
      largest = Math.max(largest, value);
    }
    if (values.length == 1 || largest == Double.NEGATIVE_INFINITY) {
      return largest;
    }
    double sum = 0;
    for (double value : values) {
      sum += Math.exp(value - largest);
    }
    return largest + Math.log(sum);
  }
}
