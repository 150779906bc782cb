package dev.ancestral.model.emission;

import dev.ancestral.random.RandomKey;
import java.util.Arrays;

/** Categorical distributions: log p(x | k) = Σ_d log p_kd(x_d). */
final class BoundCategorical implements BoundEmission {
  private final int size;
  private final int levels;
  private final double[] probability; // [K, D, V]
  private final double[][] log; // [D · V, K]

  BoundCategorical(int states, int size, int levels, double[] probability) {
    this.size = size;
    this.levels = levels;
    this.probability = probability;
    log = new double[size * levels][states];
    for (int k = 0; k < states; k++) {
      for (int dv = 0; dv < size * levels; dv++) {
        log[dv][k] = Math.log(probability[k * size * levels + dv]);
      }
    }
  }

  @Override
  public void logProb(float[] x, int offset, int rows, double[][] into) {
    for (int r = 0; r < rows; r++) {
      Arrays.fill(into[r], 0);
      for (int d = 0; d < size; d++) {
        float value = x[offset + r * size + d];
        if (!Float.isNaN(value)) {
          Rows.add(log[d * levels + CategoricalEmission.level(value, levels)], into[r]);
        }
      }
    }
  }

  @Override
  public EmissionSampler sampler(double temperature) {
    double[] cumulative =
        Probabilities.cumulative(Probabilities.tempered(probability, levels, temperature), levels);
    double[] uniform = new double[size];
    return (int state, RandomKey key, long first, float[] into, int offset) -> {
      key.fillUniform(first, uniform, 0, size);
      for (int d = 0; d < size; d++) {
        into[offset + d] =
            Probabilities.drawn(cumulative, (state * size + d) * levels, levels, uniform[d]);
      }
    };
  }
}
