package dev.ancestral.model.emission;

import dev.ancestral.random.RandomKey;

/** Normal distributions: log p(x | k) = Σ_d −½ (log 2πσ²_kd + (x_d − μ_kd)² / σ²_kd). */
final class BoundGaussian implements BoundEmission {
  private final int states;
  private final int size;
  private final double[] mean; // [D, K]
  private final double[] halfPrecision; // [D, K]: 1 / 2σ²
  private final double[] logScale; // [D, K]: −½ log 2πσ²
  private final double[] constant; // [K]: Σ_d of them

  BoundGaussian(int states, int size, double[] mean, double[] variance) {
    this.states = states;
    this.size = size;
    this.mean = new double[states * size];
    halfPrecision = new double[states * size];
    logScale = new double[states * size];
    constant = new double[states];
    for (int d = 0; d < size; d++) {
      for (int k = 0; k < states; k++) {
        int at = d * states + k;
        this.mean[at] = mean[k * size + d];
        halfPrecision[at] = 0.5 / variance[k * size + d];
        logScale[at] = -0.5 * Math.log(2 * Math.PI * variance[k * size + d]);
        constant[k] += logScale[at];
      }
    }
  }

  @Override
  public void logProb(float[] x, int offset, int rows, double[] into) {
    for (int r = 0; r < rows; r++) {
      int to = r * states;
      System.arraycopy(constant, 0, into, to, states);
      for (int d = 0; d < size; d++) {
        double value = x[offset + r * size + d];
        int at = d * states;
        if (Double.isNaN(value)) {
          for (int k = 0; k < states; k++) {
            into[to + k] -= logScale[at + k];
          }
          continue;
        }
        for (int k = 0; k < states; k++) {
          double deviation = value - mean[at + k];
          into[to + k] -= deviation * deviation * halfPrecision[at + k];
        }
      }
    }
  }

  @Override
  public EmissionSampler sampler(double temperature) {
    float[] normal = new float[size];
    return (int state, RandomKey key, long first, float[] into, int offset) -> {
      key.fillNormal(first, normal, 0, size);
      for (int d = 0; d < size; d++) {
        int at = d * states + state;
        into[offset + d] = (float) (mean[at] + normal[d] * Math.sqrt(0.5 / halfPrecision[at]));
      }
    };
  }
}
