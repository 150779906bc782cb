package dev.ancestral.model.emission;

import dev.ancestral.Refusal;
import dev.ancestral.model.NamedArrays;
import java.util.Arrays;

/**
 * Independent normal elements: p(x | k) = Π_d N(x_d; μ_kd, σ²_kd).
 *
 * <p>Estimate: weighted mean and variance (divided by the weight). A variance is at least 10⁻⁶ of
 * the element's variance over all states, and at least 10⁻¹², for the likelihood has no maximum
 * where a variance may vanish. A state without weight has the mean and variance over all states.
 *
 * <p>Parameters: {@code mean} [K, D], {@code variance} [K, D]. Counts: the weight of each state
 * [K], and [D, K] each of missing weight, Σ w x and Σ w x². Elements are float32 and sums float64,
 * which leaves variances good to 10⁻⁴ even where a mean is a million standard deviations from zero.
 */
public record GaussianEmission(int states, int size) implements Emission {
  private static final String MEAN = "mean";
  private static final String VARIANCE = "variance";
  private static final double RELATIVE_FLOOR = 1e-6;
  private static final double ABSOLUTE_FLOOR = 1e-12;

  @Override
  public int statisticsSize() {
    return Math.addExact(states, Math.multiplyExact(3, Math.multiplyExact(states, size)));
  }

  @Override
  public void accumulate(
      float[] x, int offset, int rows, double[][] weights, double[] statistics, int at) {
    CountRows counts = new CountRows(statistics, at, states, 1 + 3 * size);
    for (int r = 0; r < rows; r++) {
      Rows.add(weights[r], counts.row(0));
      for (int d = 0; d < size; d++) {
        double value = x[offset + r * size + d];
        if (Double.isNaN(value)) {
          Rows.add(weights[r], counts.row(1 + d));
        } else {
          Rows.addScaled(value, weights[r], counts.row(1 + size + d));
          Rows.addScaled(value * value, weights[r], counts.row(1 + 2 * size + d));
        }
      }
    }
    counts.writeBack();
  }

  @Override
  public NamedArrays maximize(double[] statistics, int at, NamedArrays into) {
    double[] mean = new double[states * size];
    double[] variance = new double[states * size];
    for (int d = 0; d < size; d++) {
      Pooled pooled = pooled(statistics, at, d, false);
      double floor = Math.max(ABSOLUTE_FLOOR, RELATIVE_FLOOR * pooled.variance);
      for (int k = 0; k < states; k++) {
        double n = seen(statistics, at, d, k);
        int i = k * size + d;
        mean[i] = n > 0 ? sum(statistics, at, d, k) / n : pooled.mean;
        double own = n > 0 ? square(statistics, at, d, k) / n - mean[i] * mean[i] : pooled.variance;
        variance[i] = Math.max(floor, own);
      }
    }
    return into.with(MEAN, mean, states, size).with(VARIANCE, variance, states, size);
  }

  /** Own means, and one variance for all: a few exemplars say nothing of their own spread. */
  @Override
  public NamedArrays start(double[] statistics, int at, NamedArrays into) {
    double[] mean = new double[states * size];
    double[] variance = new double[states * size];
    for (int d = 0; d < size; d++) {
      Pooled pooled = pooled(statistics, at, d, true);
      for (int k = 0; k < states; k++) {
        double n = seen(statistics, at, d, k);
        mean[k * size + d] = n > 0 ? sum(statistics, at, d, k) / n : pooled.mean;
        variance[k * size + d] = Math.max(ABSOLUTE_FLOOR, pooled.variance);
      }
    }
    return into.with(MEAN, mean, states, size).with(VARIANCE, variance, states, size);
  }

  @Override
  public NamedArrays ignorant(NamedArrays into) {
    double[] one = new double[states * size];
    Arrays.fill(one, 1);
    return into.with(MEAN, new double[states * size], states, size)
        .with(VARIANCE, one, states, size);
  }

  @Override
  public BoundEmission bind(NamedArrays parameters) {
    double[] mean = parameters.array(MEAN, states, size);
    double[] variance = parameters.array(VARIANCE, states, size);
    for (int i = 0; i < mean.length; i++) {
      require(MEAN, i, mean[i], Double.isFinite(mean[i]), "finite");
      require(VARIANCE, i, variance[i], variance[i] > 0 && Double.isFinite(variance[i]), "above 0");
    }
    return new BoundGaussian(states, size, mean, variance);
  }

  private static void require(String name, int index, double value, boolean holds, String must) {
    if (!holds) {
      throw new Refusal(
          Refusal.Kind.MISMATCH,
          "parameter '"
              + name
              + "' has "
              + value
              + " at position "
              + index
              + "; it must be "
              + must);
    }
  }

  private record Pooled(double mean, double variance) {}

  /** Mean and variance over all states, each state counting by its weight or all equally. */
  private Pooled pooled(double[] statistics, int at, int d, boolean equally) {
    double weight = 0;
    double sum = 0;
    double square = 0;
    for (int k = 0; k < states; k++) {
      double n = seen(statistics, at, d, k);
      if (n > 0) {
        double factor = equally ? 1 / n : 1;
        weight += factor * n;
        sum += factor * sum(statistics, at, d, k);
        square += factor * square(statistics, at, d, k);
      }
    }
    if (weight == 0) {
      return new Pooled(0, 1);
    }
    double mean = sum / weight;
    return new Pooled(mean, Math.max(0, square / weight - mean * mean));
  }

  private double seen(double[] statistics, int at, int d, int k) {
    return statistics[at + k] - statistics[at + states + d * states + k];
  }

  private double sum(double[] statistics, int at, int d, int k) {
    return statistics[at + states + (size + d) * states + k];
  }

  private double square(double[] statistics, int at, int d, int k) {
    return statistics[at + states + (2 * size + d) * states + k];
  }
}
