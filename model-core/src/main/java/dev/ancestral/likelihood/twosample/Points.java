package dev.ancestral.likelihood.twosample;

import java.io.Serializable;

/** Points of a Euclidean space, for distances from others to all of them at once. */
public final class Points implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int count;
  private final float[][] columns; // [D][N]: walked along the points, which vectorises

  private Points(int count, float[][] columns) {
    this.count = count;
    this.columns = columns;
  }

  /** These points, [N][D]. */
  public static Points of(float[][] rows) {
    if (rows.length == 0) {
      throw new IllegalArgumentException("there are no points");
    }
    float[][] columns = new float[rows[0].length][rows.length];
    for (int i = 0; i < rows.length; i++) {
      for (int d = 0; d < columns.length; d++) {
        columns[d][i] = rows[i][d];
      }
    }
    return new Points(rows.length, columns);
  }

  /** N. */
  public int count() {
    return count;
  }

  /** D. */
  public int dimensions() {
    return columns.length;
  }

  /** Point i, [D]. */
  public float[] row(int i) {
    float[] row = new float[columns.length];
    for (int d = 0; d < row.length; d++) {
      row[d] = columns[d][i];
    }
    return row;
  }

  /** |x − point|² of each point, [N]. */
  public double[] squaredDistances(float[] x) {
    double[] squares = new double[count];
    for (int d = 0; d < columns.length; d++) {
      addSquares(x[d], columns[d], squares);
    }
    return squares;
  }

  private static void addSquares(double x, float[] column, double[] into) {
    for (int i = 0; i < into.length; i++) {
      double difference = x - column[i];
      into[i] += difference * difference;
    }
  }
}
