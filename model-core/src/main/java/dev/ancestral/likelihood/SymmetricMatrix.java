package dev.ancestral.likelihood;

/**
 * The eigenvalues and eigenvectors of a small symmetric matrix, by cyclic Jacobi rotations (Golub
 * &amp; Van Loan, section 8.5).
 */
final class SymmetricMatrix {
  private static final int SWEEPS = 60;

  private final int size;
  private final double[][] rotated;
  private final double[][] vectors; // columns

  private SymmetricMatrix(double[][] matrix) {
    size = matrix.length;
    rotated = new double[size][];
    vectors = new double[size][size];
    for (int i = 0; i < size; i++) {
      rotated[i] = matrix[i].clone();
      vectors[i][i] = 1;
    }
    double scale = 0;
    for (double[] row : rotated) {
      for (double value : row) {
        scale = Math.max(scale, Math.abs(value));
      }
    }
    for (int sweep = 0; sweep < SWEEPS && largestOffDiagonal() > 1e-14 * scale; sweep++) {
      for (int p = 0; p < size; p++) {
        for (int q = p + 1; q < size; q++) {
          rotate(p, q);
        }
      }
    }
  }

  /**
   * Of a matrix, [L, L], with eigenvalues below a floor raised to it.
   *
   * @param matrix of finite numbers, symmetric
   */
  static SymmetricMatrix withFloor(double[][] matrix, double floor) {
    SymmetricMatrix result = new SymmetricMatrix(matrix);
    for (int k = 0; k < result.size; k++) {
      result.rotated[k][k] = Math.max(floor, result.rotated[k][k]);
    }
    return result;
  }

  double eigenvalue(int k) {
    return rotated[k][k];
  }

  /** Element {@code row} of the k-th eigenvector. */
  double eigenvector(int row, int k) {
    return vectors[row][k];
  }

  /** The solution y of matrix · y = x. */
  double[] solve(double[] x, int offset) {
    double[] y = new double[size];
    for (int k = 0; k < size; k++) {
      double along = 0;
      for (int l = 0; l < size; l++) {
        along += vectors[l][k] * x[offset + l];
      }
      for (int l = 0; l < size; l++) {
        y[l] += vectors[l][k] * along / eigenvalue(k);
      }
    }
    return y;
  }

  private double largestOffDiagonal() {
    double largest = 0;
    for (int i = 0; i < size; i++) {
      for (int j = i + 1; j < size; j++) {
        largest = Math.max(largest, Math.abs(rotated[i][j]));
      }
    }
    return largest;
  }

  private void rotate(int p, int q) {
    double off = rotated[p][q];
    if (off == 0) {
      return;
    }
    double theta = (rotated[q][q] - rotated[p][p]) / (2 * off);
    double tangent = Math.copySign(1, theta) / (Math.abs(theta) + Math.hypot(theta, 1));
    double cosine = 1 / Math.hypot(tangent, 1);
    double sine = tangent * cosine;
    for (int i = 0; i < size; i++) {
      double ip = rotated[i][p];
      double iq = rotated[i][q];
      rotated[i][p] = cosine * ip - sine * iq;
      rotated[i][q] = sine * ip + cosine * iq;
    }
    for (int i = 0; i < size; i++) {
      double pi = rotated[p][i];
      double qi = rotated[q][i];
      rotated[p][i] = cosine * pi - sine * qi;
      rotated[q][i] = sine * pi + cosine * qi;
      double vp = vectors[i][p];
      double vq = vectors[i][q];
      vectors[i][p] = cosine * vp - sine * vq;
      vectors[i][q] = sine * vp + cosine * vq;
    }
  }
}
