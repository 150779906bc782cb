package dev.ancestral.distribution.statistics;

import dev.ancestral.schema.ColumnType;
import dev.ancestral.tensor.NamedArrays;
import java.util.Arrays;
import java.util.List;

/**
 * A column of real numbers: log p(v | k) = log N((v − shift) / scale; μ_k, σ²_k) − log scale, a
 * density in the data's own units.
 *
 * <p>Estimate: the weighted mean, and as variance (n_k s²_k + α s²) / (n_k + α) with s² that over
 * all states: the mode under an inverse gamma prior, so that few examples make no spike. Floors are
 * those of {@link GaussianEmission}.
 *
 * <p>Parameters, in standardised units: {@code mean.NAME} [K], {@code variance.NAME} [K]. Counts:
 * those of one Gaussian element.
 */
record NormalColumn(
    String column, ColumnType.Real type, GaussianEmission gaussian, double smoothing)
    implements ColumnEmission {

  NormalColumn(String column, ColumnType.Real type, int states, double smoothing) {
    this(column, type, new GaussianEmission(states, 1), smoothing);
  }

  private String mean() {
    return GaussianEmission.MEAN + "." + column;
  }

  private String variance() {
    return GaussianEmission.VARIANCE + "." + column;
  }

  private int states() {
    return gaussian.states();
  }

  @Override
  public List<String> parameterNames() {
    return List.of(mean(), variance());
  }

  @Override
  public int statisticsSize() {
    return gaussian.statisticsSize();
  }

  @Override
  public void centre(NamedArrays parameters, double[] statistics, int at) {
    double[] mean = parameters.array(mean(), states());
    gaussian.centre(
        NamedArrays.empty().with(GaussianEmission.MEAN, mean, states(), 1), statistics, at);
  }

  @Override
  public void merge(double[] from, double[] into, int at) {
    gaussian.merge(from, into, at);
  }

  @Override
  public void accumulate(
      float[] x, int first, int stride, int rows, double[][] weights, double[] statistics, int at) {
    CountRows counts = new CountRows(statistics, at, states(), statisticsSize() / states());
    boolean settled = false;
    for (int r = 0; r < rows; r++) {
      int place = first + r * stride;
      if (!Float.isNaN(x[place])) {
        settled = gaussian.add(type.standard(x, place), weights[r], counts, 0, settled);
      }
    }
    counts.writeBack();
  }

  @Override
  public double[] seen(double[] statistics, int at) {
    double[] seen = new double[states()];
    Arrays.setAll(seen, k -> gaussian.seen(statistics, at, 0, k));
    return seen;
  }

  @Override
  public NamedArrays maximize(double[] statistics, int at, NamedArrays into) {
    NamedArrays plain = gaussian.maximize(statistics, at, NamedArrays.empty());
    double[] variance = plain.array(GaussianEmission.VARIANCE, states(), 1).clone();
    double pooled = gaussian.pooledVariance(statistics, at, 0);
    for (int k = 0; k < states(); k++) {
      double seen = gaussian.seen(statistics, at, 0, k);
      if (pooled > 0 && seen > 0) {
        variance[k] = (seen * variance[k] + smoothing * pooled) / (seen + smoothing);
      }
    }
    return with(plain.array(GaussianEmission.MEAN, states(), 1), variance, into);
  }

  @Override
  public NamedArrays start(double[] statistics, int at, NamedArrays into) {
    return renamed(gaussian.start(statistics, at, NamedArrays.empty()), into);
  }

  @Override
  public NamedArrays ignorant(NamedArrays into) {
    return renamed(gaussian.ignorant(NamedArrays.empty()), into);
  }

  private NamedArrays renamed(NamedArrays plain, NamedArrays into) {
    return with(
        plain.array(GaussianEmission.MEAN, states(), 1),
        plain.array(GaussianEmission.VARIANCE, states(), 1),
        into);
  }

  private NamedArrays with(double[] mean, double[] variance, NamedArrays into) {
    return into.with(mean(), mean, states()).with(variance(), variance, states());
  }

  @Override
  public BoundColumn bind(NamedArrays parameters, double[] logFactor) {
    double[] mean = parameters.array(mean(), states());
    double[] variance = parameters.array(variance(), states());
    for (int k = 0; k < mean.length; k++) {
      GaussianEmission.require(mean(), k, mean[k], Double.isFinite(mean[k]), "finite");
      boolean positive = variance[k] > 0 && Double.isFinite(variance[k]);
      GaussianEmission.require(variance(), k, variance[k], positive, "above 0");
    }
    return new BoundNormal(type, mean, variance, logFactor);
  }
}
