package dev.ancestral.model.quality;

/** Real symmetric matrices of some dozens of rows. */
final class SymmetricMatrix {
  private static final int SWEEPS = 60;

  private SymmetricMatrix() {}

  /**
   * Eigenvalues with their eigenvectors.
   *
   * @param values [n], in no order
   * @param vectors [n, n], the eigenvector of value k in column k
   */
  record Decomposition(double[] values, double[][] vectors) {}

  /** The decomposition A = V Λ Vᵀ by cyclic rotations (Jacobi 1846; Golub &amp; Van Loan, 8.5). */
  static Decomposition decompose(double[][] matrix) {
    int n = matrix.length;
    double[][] a = new double[n][];
    double[][] v = new double[n][n];
    for (int i = 0; i < n; i++) {
      a[i] = matrix[i].clone();
      v[i][i] = 1;
    }
    double total = squares(a, true);
    for (int sweep = 0; sweep < SWEEPS && squares(a, false) > 1e-30 * total; sweep++) {
      for (int p = 0; p < n - 1; p++) {
        for (int q = p + 1; q < n; q++) {
          if (a[p][q] != 0) {
            rotate(a, v, p, q);
          }
        }
      }
    }
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      values[i] = a[i][i];
    }
    return new Decomposition(values, v);
  }

  /** Turns the plane of p and q so that a[p][q] vanishes. */
  private static void rotate(double[][] a, double[][] v, int p, int q) {
    double theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
    double t = Math.copySign(1, theta) / (Math.abs(theta) + Math.hypot(theta, 1));
    double c = 1 / Math.hypot(t, 1);
    double s = t * c;
    for (int k = 0; k < a.length; k++) {
      double left = a[k][p];
      double right = a[k][q];
      a[k][p] = c * left - s * right;
      a[k][q] = s * left + c * right;
    }
    for (int k = 0; k < a.length; k++) {
      double upper = a[p][k];
      double lower = a[q][k];
      a[p][k] = c * upper - s * lower;
      a[q][k] = s * upper + c * lower;
    }
    for (double[] row : v) {
      double left = row[p];
      double right = row[q];
      row[p] = c * left - s * right;
      row[q] = s * left + c * right;
    }
  }

  private static double squares(double[][] a, boolean diagonal) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < a.length; j++) {
        sum += i != j || diagonal ? a[i][j] * a[i][j] : 0;
      }
    }
    return sum;
  }

  /** The positive semidefinite root V √Λ Vᵀ; what rounding left below zero counts as zero. */
  static double[][] squareRoot(double[][] matrix) {
    Decomposition decomposition = decompose(matrix);
    int n = matrix.length;
    double[][] root = new double[n][n];
    for (int k = 0; k < n; k++) {
      double scale = Math.sqrt(Math.max(0, decomposition.values()[k]));
      for (int i = 0; i < n; i++) {
        double left = scale * decomposition.vectors()[i][k];
        for (int j = 0; j < n; j++) {
          root[i][j] += left * decomposition.vectors()[j][k];
        }
      }
    }
    return root;
  }

  /** A B. */
  static double[][] product(double[][] a, double[][] b) {
    int n = a.length;
    double[][] product = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int k = 0; k < n; k++) {
        for (int j = 0; j < n; j++) {
          product[i][j] += a[i][k] * b[k][j];
        }
      }
    }
    return product;
  }
}
