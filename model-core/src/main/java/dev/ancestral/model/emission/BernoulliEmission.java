package dev.ancestral.model.emission;

import dev.ancestral.tensor.NamedArrays;
import java.util.Arrays;
import java.util.List;

/**
 * Independent binary elements: p(x | k) = Π_d p_kd^x_d (1 − p_kd)^(1 − x_d).
 *
 * <p>Estimate: p_kd = (ones + α) / (n + 2α). Where there is nothing to estimate from (no weight and
 * α = 0) it is the mean over all states, or 1/2.
 *
 * <p>Parameter: {@code probability} [K, D]. Counts: the weight of each state [K], the weight of the
 * ones [D, K] and of the missing elements [D, K].
 *
 * @param smoothing α
 */
public record BernoulliEmission(int states, int size, double smoothing) implements Emission {
  private static final String PROBABILITY = "probability";
  // How far a starting point keeps from certainty.
  private static final double DOUBT = 0.02;

  @Override
  public List<String> parameterNames() {
    return List.of(PROBABILITY);
  }

  @Override
  public int statisticsSize() {
    return Math.addExact(states, Math.multiplyExact(2, Math.multiplyExact(states, size)));
  }

  @Override
  public void accumulate(
      float[] x, int offset, int rows, double[][] weights, double[] statistics, int at) {
    BinaryRow row = new BinaryRow(size);
    CountRows counts = new CountRows(statistics, at, states, 1 + 2 * size);
    for (int r = 0; r < rows; r++) {
      row.scan(x, offset + r * size, size);
      Rows.add(weights[r], counts.row(0));
      for (int i = 0; i < row.oneCount; i++) {
        Rows.add(weights[r], counts.row(1 + row.ones[i]));
      }
      for (int i = 0; i < row.missingCount; i++) {
        Rows.add(weights[r], counts.row(1 + size + row.missing[i]));
      }
    }
    counts.writeBack();
  }

  @Override
  public NamedArrays maximize(double[] statistics, int at, NamedArrays into) {
    double[] probability = new double[states * size];
    for (int d = 0; d < size; d++) {
      double pooled = pooled(statistics, at, d);
      for (int k = 0; k < states; k++) {
        double n = seen(statistics, at, d, k) + 2 * smoothing;
        // Rounding of weights that sum to n must not lead outside of [0, 1].
        probability[k * size + d] =
            n > 0 ? Math.min(1, (ones(statistics, at, d, k) + smoothing) / n) : pooled;
      }
    }
    return into.with(PROBABILITY, probability, states, size);
  }

  @Override
  public NamedArrays start(double[] statistics, int at, NamedArrays into) {
    double[] probability = new double[states * size];
    for (int d = 0; d < size; d++) {
      double common = 0;
      for (int k = 0; k < states; k++) {
        double n = seen(statistics, at, d, k);
        double own = n > 0 ? Math.min(1, ones(statistics, at, d, k) / n) : 0.5;
        probability[k * size + d] = own;
        common += own / states;
      }
      for (int k = 0; k < states; k++) {
        double between = 0.5 * probability[k * size + d] + 0.5 * common;
        probability[k * size + d] = DOUBT + (1 - 2 * DOUBT) * between;
      }
    }
    return into.with(PROBABILITY, probability, states, size);
  }

  @Override
  public NamedArrays ignorant(NamedArrays into) {
    double[] half = new double[states * size];
    Arrays.fill(half, 0.5);
    return into.with(PROBABILITY, half, states, size);
  }

  @Override
  public BoundEmission bind(NamedArrays parameters) {
    double[] probability = parameters.array(PROBABILITY, states, size);
    for (int i = 0; i < probability.length; i++) {
      Probabilities.require(PROBABILITY, i, probability[i]);
    }
    return new BoundBernoulli(states, size, probability);
  }

  private double ones(double[] statistics, int at, int d, int k) {
    return statistics[at + states + d * states + k];
  }

  private double seen(double[] statistics, int at, int d, int k) {
    return statistics[at + k] - statistics[at + states + (size + d) * states + k];
  }

  private double pooled(double[] statistics, int at, int d) {
    double ones = 0;
    double seen = 0;
    for (int k = 0; k < states; k++) {
      ones += ones(statistics, at, d, k);
      seen += seen(statistics, at, d, k);
    }
    return seen > 0 ? Math.min(1, ones / seen) : 0.5;
  }
}
