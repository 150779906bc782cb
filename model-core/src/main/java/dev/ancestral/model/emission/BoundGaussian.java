package dev.ancestral.model.emission;

import dev.ancestral.random.RandomKey;

/** Normal distributions: log p(x | k) = Σ_d −½ (log 2πσ²_kd + (x_d − μ_kd)² / σ²_kd). */
final class BoundGaussian implements BoundEmission {
  private final int states;
  private final int size;
  private final double[][] mean; // [D, K]
  private final double[][] halfPrecision; // [D, K]: 1 / 2σ²
  private final double[][] logScale; // [D, K]: −½ log 2πσ²
  private final double[] constant; // [K]: Σ_d of them

  BoundGaussian(int states, int size, double[] mean, double[] variance) {
    this.states = states;
    this.size = size;
    this.mean = new double[size][states];
    halfPrecision = new double[size][states];
    logScale = new double[size][states];
    constant = new double[states];
    for (int d = 0; d < size; d++) {
      for (int k = 0; k < states; k++) {
        this.mean[d][k] = mean[k * size + d];
        halfPrecision[d][k] = 0.5 / variance[k * size + d];
        logScale[d][k] = -0.5 * Math.log(2 * Math.PI * variance[k * size + d]);
        constant[k] += logScale[d][k];
      }
    }
  }

  @Override
  public void logProb(float[] x, int offset, int rows, double[][] into) {
    for (int r = 0; r < rows; r++) {
      System.arraycopy(constant, 0, into[r], 0, states);
      for (int d = 0; d < size; d++) {
        double value = x[offset + r * size + d];
        if (Double.isNaN(value)) {
          Rows.subtract(logScale[d], into[r]);
        } else {
          subtractSquares(value, mean[d], halfPrecision[d], into[r]);
        }
      }
    }
  }

  private static void subtractSquares(
      double value, double[] mean, double[] halfPrecision, double[] into) {
    for (int k = 0; k < into.length; k++) {
      double deviation = value - mean[k];
      into[k] -= deviation * deviation * halfPrecision[k];
    }
  }

  @Override
  public EmissionSampler sampler(double temperature) {
    float[] normal = new float[size];
    return (int state, RandomKey key, long first, float[] into, int offset) -> {
      key.fillNormal(first, normal, 0, size);
      for (int d = 0; d < size; d++) {
        double deviation = Math.sqrt(0.5 / halfPrecision[d][state]);
        into[offset + d] = (float) (mean[d][state] + normal[d] * deviation);
      }
    };
  }
}
