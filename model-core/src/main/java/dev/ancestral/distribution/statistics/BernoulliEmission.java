package dev.ancestral.distribution.statistics;

import dev.ancestral.random.RandomKey;
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
    return new Bound(states, size, probability);
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

  /**
   * Which elements of a row of zeros and ones are one and which are missing: binary data are mostly
   * sparse, so what follows works on lists.
   */
  private static final class BinaryRow {
    private static final int ONE = Float.floatToRawIntBits(1f);

    final int[] ones;
    final int[] missing;
    int oneCount;
    int missingCount;

    BinaryRow(int size) {
      // One more: the scan writes before it knows whether to keep.
      ones = new int[size + 1];
      missing = new int[size];
    }

    /** Reads the row of D elements at {@code offset}. */
    void scan(float[] x, int offset, int size) {
      int n = 0;
      int zeros = 0;
      for (int d = 0; d < size; d++) {
        // Without branches: whether a pixel is on cannot be predicted.
        int bits = Float.floatToRawIntBits(x[offset + d]);
        ones[n] = d;
        n += bits == ONE ? 1 : 0;
        zeros += bits << 1 == 0 ? 1 : 0;
      }
      oneCount = n;
      missingCount = 0;
      if (n + zeros < size) {
        findMissing(x, offset, size);
      }
    }

    private void findMissing(float[] x, int offset, int size) {
      for (int d = 0; d < size; d++) {
        float value = x[offset + d];
        if (Float.isNaN(value)) {
          missing[missingCount++] = d;
        } else if (value != 0 && value != 1) {
          throw new IllegalArgumentException(
              "element "
                  + d
                  + " of a binary row is "
                  + value
                  + "; it must be 0, 1 or NaN (missing)");
        }
      }
    }
  }

  /**
   * Bernoulli distributions as log p(x | k) = Σ_d log(1 − p_kd) + Σ_{d: x_d = 1} logit p_kd: a
   * constant and a sum over the ones.
   */
  private static final class Bound implements BoundEmission {
    private final int states;
    private final int size;
    private final double[] probability; // [K, D]
    private final double[] allZero; // [K]: log p(0 | k), leaving out certain ones
    private final double[][] zero; // [D, K]: log(1 − p); 0 where p = 1
    private final double[][] gain; // [D, K]: log p − log(1 − p); 0 where p = 1
    private final int[] certain; // positions in [D, K] where p = 1, so that a zero is impossible

    Bound(int states, int size, double[] probability) {
      this.states = states;
      this.size = size;
      this.probability = probability.clone();
      allZero = new double[states];
      zero = new double[size][states];
      gain = new double[size][states];
      int[] found = new int[states * size];
      int count = 0;
      for (int d = 0; d < size; d++) {
        for (int k = 0; k < states; k++) {
          double p = probability[k * size + d];
          if (p == 1) {
            found[count++] = d * states + k;
          } else {
            zero[d][k] = Math.log1p(-p);
            gain[d][k] = Math.log(p) - zero[d][k]; // −∞ where p = 0
            allZero[k] += zero[d][k];
          }
        }
      }
      certain = Arrays.copyOf(found, count);
    }

    @Override
    public void logProb(float[] x, int offset, int rows, double[][] into) {
      BinaryRow row = new BinaryRow(size);
      for (int r = 0; r < rows; r++) {
        int from = offset + r * size;
        row.scan(x, from, size);
        if (states == 1) {
          into[r][0] = allZero[0] + sumOfGains(row);
        } else {
          System.arraycopy(allZero, 0, into[r], 0, states);
          addGains(row, into[r]);
        }
        for (int i = 0; i < row.missingCount; i++) {
          Rows.subtract(zero[row.missing[i]], into[r]);
        }
        for (int at : certain) {
          if (x[from + at / states] == 0) {
            into[r][at % states] = Double.NEGATIVE_INFINITY;
          }
        }
      }
    }

    private double sumOfGains(BinaryRow row) {
      double sum = 0;
      for (int i = 0; i < row.oneCount; i++) {
        sum += gain[row.ones[i]][0];
      }
      return sum;
    }

    private void addGains(BinaryRow row, double[] into) {
      int i = 0;
      for (; i + 4 <= row.oneCount; i += 4) {
        Rows.add(
            gain[row.ones[i]],
            gain[row.ones[i + 1]],
            gain[row.ones[i + 2]],
            gain[row.ones[i + 3]],
            into);
      }
      for (; i < row.oneCount; i++) {
        Rows.add(gain[row.ones[i]], into);
      }
    }

    @Override
    public Sampler sampler(double temperature) {
      double[] threshold = tempered(temperature);
      double[] uniform = new double[size];
      return (int state, RandomKey key, long first, float[] into, int offset) -> {
        key.fillUniform(first, uniform, 0, size);
        for (int d = 0; d < size; d++) {
          into[offset + d] = uniform[d] < threshold[state * size + d] ? 1 : 0;
        }
      };
    }

    private double[] tempered(double temperature) {
      double[] tempered = probability.clone();
      if (temperature != 1) {
        for (int i = 0; i < tempered.length; i++) {
          double logit = (Math.log(tempered[i]) - Math.log1p(-tempered[i])) / temperature;
          tempered[i] = 1 / (1 + Math.exp(-logit));
        }
      }
      return tempered;
    }
  }
}
