package dev.ancestral.distribution.statistics;

/**
 * Sums of rows of numbers, the inner loops of everything with many states.
 *
 * <p>Each row is an array of its own and is walked from its beginning: only so does the compiler
 * turn these loops into vector instructions (an offset into one flat array costs a factor of 3).
 * Terms are added in a fixed order.
 */
public final class Rows {
  private Rows() {}

  /** into += row. */
  public static void add(double[] row, double[] into) {
    for (int j = 0; j < into.length; j++) {
      into[j] += row[j];
    }
  }

  /** into += a + b + c + d: four at a time, so that {@code into} is loaded and stored once. */
  public static void add(double[] a, double[] b, double[] c, double[] d, double[] into) {
    for (int j = 0; j < into.length; j++) {
      into[j] += (a[j] + b[j]) + (c[j] + d[j]);
    }
  }

  /** into += Σ_s rows[s] over the first {@code count} rows. */
  public static void addAll(double[][] rows, int count, double[] into) {
    int s = 0;
    for (; s + 4 <= count; s += 4) {
      add(rows[s], rows[s + 1], rows[s + 2], rows[s + 3], into);
    }
    for (; s < count; s++) {
      add(rows[s], into);
    }
  }

  /** Σ_j a[j] · b[j], in four sums that do not wait for each other. */
  public static double dot(double[] a, double[] b) {
    double first = 0;
    double second = 0;
    double third = 0;
    double fourth = 0;
    int j = 0;
    for (; j + 4 <= a.length; j += 4) {
      first += a[j] * b[j];
      second += a[j + 1] * b[j + 1];
      third += a[j + 2] * b[j + 2];
      fourth += a[j + 3] * b[j + 3];
    }
    for (; j < a.length; j++) {
      first += a[j] * b[j];
    }
    return (first + second) + (third + fourth);
  }

  /** into −= row. */
  public static void subtract(double[] row, double[] into) {
    for (int j = 0; j < into.length; j++) {
      into[j] -= row[j];
    }
  }

  /** into += a · b, element by element. */
  public static void addProduct(double[] a, double[] b, double[] into) {
    for (int j = 0; j < into.length; j++) {
      into[j] += a[j] * b[j];
    }
  }

  /** into += weight · row. */
  public static void addScaled(double weight, double[] row, double[] into) {
    for (int j = 0; j < into.length; j++) {
      into[j] += weight * row[j];
    }
  }

  /** into += Σ_s weights[s] · rows[s] over the first {@code count} rows. */
  public static void addWeighted(double[] weights, double[][] rows, int count, double[] into) {
    int s = 0;
    for (; s + 4 <= count; s += 4) {
      addScaled(
          weights[s],
          rows[s],
          weights[s + 1],
          rows[s + 1],
          weights[s + 2],
          rows[s + 2],
          weights[s + 3],
          rows[s + 3],
          into);
    }
    for (; s < count; s++) {
      addScaled(weights[s], rows[s], into);
    }
  }

  private static void addScaled(
      double v,
      double[] a,
      double w,
      double[] b,
      double x,
      double[] c,
      double y,
      double[] d,
      double[] into) {
    for (int j = 0; j < into.length; j++) {
      into[j] += (v * a[j] + w * b[j]) + (x * c[j] + y * d[j]);
    }
  }
}
