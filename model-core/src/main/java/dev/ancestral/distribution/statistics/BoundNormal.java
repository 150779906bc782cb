package dev.ancestral.distribution.statistics;

import dev.ancestral.schema.ColumnType;
import java.util.Arrays;

/** {@link NormalColumn} with its parameters. */
final class BoundNormal implements BoundColumn {
  private final ColumnType.Real type;
  private final double[] mean; // [K]
  private final double[] halfPrecision; // [K]: 1 / 2σ²
  private final double[] logScale; // [K]: −½ log 2πσ² − log scale, with the factor

  BoundNormal(ColumnType.Real type, double[] mean, double[] variance, double[] logFactor) {
    this.type = type;
    this.mean = mean;
    halfPrecision = Arrays.stream(variance).map(v -> 0.5 / v).toArray();
    logScale = new double[mean.length];
    for (int k = 0; k < mean.length; k++) {
      logScale[k] =
          -0.5 * Math.log(2 * Math.PI * variance[k]) - Math.log(type.scale()) + logFactor[k];
    }
  }

  @Override
  public double[] row(float[] x, int at) {
    return null;
  }

  @Override
  public void add(float[] x, int at, double[] into) {
    double value = type.standard(x, at);
    for (int k = 0; k < into.length; k++) {
      double deviation = value - mean[k];
      into[k] += logScale[k] - deviation * deviation * halfPrecision[k];
    }
  }

  @Override
  public double[] inverse(float[] x, int at) {
    return null;
  }

  @Override
  public double[] drawable() {
    double[] all = new double[mean.length];
    Arrays.fill(all, 1);
    return all;
  }

  /** A temperature leaves real numbers their distribution. */
  @Override
  public Sampler sampler(double temperature) {
    return (state, outcomes, within, index, into, at) -> {
      double deviation = Math.sqrt(0.5 / halfPrecision[state]);
      write(mean[state] + outcomes.normal(index) * deviation, into, at);
    };
  }

  @Override
  public void mode(int state, float[] into, int at) {
    write(mean[state], into, at);
  }

  private void write(double standard, float[] into, int at) {
    into[at] = (float) standard;
    into[at + 1] = (float) (standard - into[at]);
  }
}
