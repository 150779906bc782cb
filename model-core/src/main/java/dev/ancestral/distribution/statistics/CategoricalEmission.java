package dev.ancestral.distribution.statistics;

import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.NamedArrays;
import java.util.Arrays;
import java.util.List;

/**
 * Independent elements of V levels: p(x | k) = Π_d p_kd(x_d).
 *
 * <p>Estimate: p_kd(v) = (count + α) / (n + Vα). Where there is nothing to estimate from (no weight
 * and α = 0) it is the distribution over all states, or uniform.
 *
 * <p>Parameter: {@code probability} [K, D, V]; [K, V] as well where D = 1. Counts: the weight of
 * each level, [D, V, K].
 *
 * @param levels V
 * @param smoothing α
 */
public record CategoricalEmission(int states, int size, int levels, double smoothing)
    implements Emission {
  private static final String PROBABILITY = "probability";
  // How much of a starting point is uniform.
  private static final double DOUBT = 0.04;

  @Override
  public List<String> parameterNames() {
    return List.of(PROBABILITY);
  }

  @Override
  public int statisticsSize() {
    return Math.multiplyExact(states, Math.multiplyExact(size, levels));
  }

  @Override
  public void accumulate(
      float[] x, int offset, int rows, double[][] weights, double[] statistics, int at) {
    CountRows counts = new CountRows(statistics, at, states, size * levels);
    for (int r = 0; r < rows; r++) {
      for (int d = 0; d < size; d++) {
        float value = x[offset + r * size + d];
        if (!Float.isNaN(value)) {
          Rows.add(weights[r], counts.row(d * levels + level(value, levels)));
        }
      }
    }
    counts.writeBack();
  }

  @Override
  public NamedArrays maximize(double[] statistics, int at, NamedArrays into) {
    double[] probability = new double[states * size * levels];
    for (int d = 0; d < size; d++) {
      double[] pooled = null;
      for (int k = 0; k < states; k++) {
        double n = seen(statistics, at, d, k) + levels * smoothing;
        if (!(n > 0) && pooled == null) {
          pooled = pooled(statistics, at, d);
        }
        for (int v = 0; v < levels; v++) {
          probability[(k * size + d) * levels + v] =
              n > 0 ? (count(statistics, at, d, v, k) + smoothing) / n : pooled[v];
        }
      }
    }
    return with(probability, into);
  }

  @Override
  public NamedArrays start(double[] statistics, int at, NamedArrays into) {
    double[] probability = new double[states * size * levels];
    for (int d = 0; d < size; d++) {
      double[] common = new double[levels];
      for (int k = 0; k < states; k++) {
        double n = seen(statistics, at, d, k);
        for (int v = 0; v < levels; v++) {
          double own = n > 0 ? count(statistics, at, d, v, k) / n : 1.0 / levels;
          probability[(k * size + d) * levels + v] = own;
          common[v] += own / states;
        }
      }
      for (int k = 0; k < states; k++) {
        for (int v = 0; v < levels; v++) {
          int i = (k * size + d) * levels + v;
          double between = 0.5 * probability[i] + 0.5 * common[v];
          probability[i] = DOUBT / levels + (1 - DOUBT) * between;
        }
      }
    }
    return with(probability, into);
  }

  @Override
  public NamedArrays ignorant(NamedArrays into) {
    double[] uniform = new double[states * size * levels];
    Arrays.fill(uniform, 1.0 / levels);
    return with(uniform, into);
  }

  @Override
  public BoundEmission bind(NamedArrays parameters) {
    NamedArrays.Array given = parameters.byName().get(PROBABILITY);
    double[] probability =
        size == 1 && given != null && given.shape().size() == 2
            ? parameters.array(PROBABILITY, states, levels)
            : parameters.array(PROBABILITY, states, size, levels);
    return new Bound(
        states, size, levels, Probabilities.distributions(PROBABILITY, probability, levels));
  }

  /** The level that a float32 holds. */
  static int level(float value, int levels) {
    int level = (int) value;
    if (level != value || level < 0 || level >= levels) {
      throw new IllegalArgumentException(
          "an element is "
              + value
              + "; it must be a whole number from 0 to "
              + (levels - 1)
              + ", or NaN (missing)");
    }
    return level;
  }

  private NamedArrays with(double[] probability, NamedArrays into) {
    return size == 1
        ? into.with(PROBABILITY, probability, states, levels)
        : into.with(PROBABILITY, probability, states, size, levels);
  }

  private double count(double[] statistics, int at, int d, int v, int k) {
    return statistics[at + (d * levels + v) * states + k];
  }

  private double seen(double[] statistics, int at, int d, int k) {
    double sum = 0;
    for (int v = 0; v < levels; v++) {
      sum += count(statistics, at, d, v, k);
    }
    return sum;
  }

  private double[] pooled(double[] statistics, int at, int d) {
    double[] pooled = new double[levels];
    double sum = 0;
    for (int v = 0; v < levels; v++) {
      for (int k = 0; k < states; k++) {
        pooled[v] += count(statistics, at, d, v, k);
      }
      sum += pooled[v];
    }
    for (int v = 0; v < levels; v++) {
      pooled[v] = sum > 0 ? pooled[v] / sum : 1.0 / levels;
    }
    return pooled;
  }

  /** Categorical distributions: log p(x | k) = Σ_d log p_kd(x_d). */
  private static final class Bound implements BoundEmission {
    private final int size;
    private final int levels;
    private final double[] probability; // [K, D, V]
    private final double[][] log; // [D · V, K]

    Bound(int states, int size, int levels, double[] probability) {
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
            Rows.add(log[d * levels + level(value, levels)], into[r]);
          }
        }
      }
    }

    @Override
    public Sampler sampler(double temperature) {
      double[] cumulative =
          Probabilities.cumulative(
              Probabilities.tempered(probability, levels, temperature), levels);
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
}
