package dev.ancestral.model.quality;

import java.io.Serializable;

/**
 * Count, sum and sum of products of the deviations of feature vectors from the first one, which add
 * up over processes, and the distance between the Gaussians that they describe. Deviations, since
 * products of large features would leave no digits of a small covariance.
 */
public final class FeatureStatistics implements Serializable {
  private static final long serialVersionUID = 1L;

  private final int size; // F
  private long count;
  private final double[] first; // [F]
  private final double[] sum; // [F]
  private final double[] products; // [F, F]

  /** Of no vectors yet, each of this size. */
  public FeatureStatistics(int size) {
    this.size = size;
    first = new double[size];
    sum = new double[size];
    products = new double[Math.multiplyExact(size, size)];
  }

  /** Adds a vector, [F]. */
  public void add(double[] features) {
    if (count == 0) {
      System.arraycopy(features, 0, first, 0, size);
    }
    count++;
    double[] deviation = new double[size];
    for (int i = 0; i < size; i++) {
      deviation[i] = features[i] - first[i];
      sum[i] += deviation[i];
    }
    addProduct(1, deviation, deviation);
  }

  /** Adds everything that the other has seen; the other is left as it was. */
  public void merge(FeatureStatistics other) {
    if (other.count == 0) {
      return;
    }
    if (count == 0) {
      System.arraycopy(other.first, 0, first, 0, size);
    }
    double[] shift = new double[size];
    for (int i = 0; i < size; i++) {
      shift[i] = other.first[i] - first[i];
    }
    // Σ (y + s)(y + s)ᵀ = Σ y yᵀ + s (Σ y)ᵀ + (Σ y) sᵀ + n s sᵀ
    for (int i = 0; i < products.length; i++) {
      products[i] += other.products[i];
    }
    addProduct(1, shift, other.sum);
    addProduct(1, other.sum, shift);
    addProduct((double) other.count, shift, shift);
    for (int i = 0; i < size; i++) {
      sum[i] += other.sum[i] + other.count * shift[i];
    }
    count += other.count;
  }

  private void addProduct(double factor, double[] a, double[] b) {
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        products[i * size + j] += factor * a[i] * b[j];
      }
    }
  }

  /** How many vectors were added. */
  public long count() {
    return count;
  }

  /**
   * The squared Fréchet distance between the Gaussians N(m, C) of both statistics (Dowson &amp;
   * Landau 1982, eq. 4):
   *
   * <pre>
   * ‖m₁ − m₂‖² + tr(C₁ + C₂ − 2 (C₁^½ C₂ C₁^½)^½)
   * </pre>
   *
   * <p>This is the form of the Fréchet inception distance (Heusel et al. 2017), but not that
   * number: the features are whatever was added, and no network has seen a photograph. It is biased
   * upwards by few examples, so compare values only for equal features and equal counts.
   *
   * @return at least 0; NaN where either side has fewer than two vectors or one that is not finite
   */
  public double distance(FeatureStatistics other) {
    if (size != other.size) {
      throw new IllegalArgumentException(
          "statistics of " + size + " features have no distance to those of " + other.size);
    }
    if (count < 2 || other.count < 2 || !isFinite() || !other.isFinite()) {
      return Double.NaN;
    }
    double distance = 0;
    for (int i = 0; i < size; i++) {
      double difference = first[i] - other.first[i] + (sum[i] / count - other.sum[i] / other.count);
      distance += difference * difference;
    }
    double[][] own = covariance();
    double[][] others = other.covariance();
    double[][] root = SymmetricMatrix.squareRoot(own);
    double[][] inner = SymmetricMatrix.product(SymmetricMatrix.product(root, others), root);
    for (int i = 0; i < size; i++) {
      distance += own[i][i] + others[i][i];
    }
    for (double eigenvalue : SymmetricMatrix.decompose(inner).values()) {
      distance -= 2 * Math.sqrt(Math.max(0, eigenvalue));
    }
    return Math.max(0, distance);
  }

  private boolean isFinite() {
    double total = 0;
    for (int i = 0; i < size; i++) {
      total += first[i] + products[i * size + i];
    }
    return Double.isFinite(total);
  }

  /** Unbiased, [F, F]. */
  private double[][] covariance() {
    double[][] covariance = new double[size][size];
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        covariance[i][j] = (products[i * size + j] - sum[i] * sum[j] / count) / (count - 1);
      }
    }
    return covariance;
  }
}
