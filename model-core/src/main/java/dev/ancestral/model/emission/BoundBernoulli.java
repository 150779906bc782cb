package dev.ancestral.model.emission;

import dev.ancestral.random.RandomKey;
import java.util.Arrays;

/**
 * Bernoulli distributions as log p(x | k) = Σ_d log(1 − p_kd) + Σ_{d: x_d = 1} logit p_kd: a
 * constant and a sum over the ones.
 */
final class BoundBernoulli implements BoundEmission {
  private final int states;
  private final int size;
  private final double[] probability; // [K, D]
  private final double[] allZero; // [K]: log p(0 | k), leaving out certain ones
  private final double[][] zero; // [D, K]: log(1 − p); 0 where p = 1
  private final double[][] gain; // [D, K]: log p − log(1 − p); 0 where p = 1
  private final int[] certain; // positions in [D, K] where p = 1, so that a zero is impossible

  BoundBernoulli(int states, int size, double[] probability) {
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
  public EmissionSampler sampler(double temperature) {
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
