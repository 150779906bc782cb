package dev.ancestral.distribution;

import dev.ancestral.tensor.Tensor;

/**
 * A value that may be unobserved: a null is integrated out, so its log-probability is 0. Draws are
 * no nulls.
 *
 * @param value of the column
 */
record ObservedDistribution(ColumnDistribution value) implements ColumnDistribution {

  @Override
  public int elements() {
    return value.elements();
  }

  @Override
  public int parametersPerElement() {
    return value.parametersPerElement();
  }

  @Override
  public int noisePerElement() {
    return value.noisePerElement();
  }

  @Override
  public Tensor logProb(Tensor parameters, Tensor x) {
    return value.logProb(parameters, x.withoutNaN(0)).mul(observed(x));
  }

  @Override
  public Tensor sample(Tensor parameters, Tensor uniform, double temperature) {
    return value.sample(parameters, uniform, temperature);
  }

  @Override
  public Tensor center(Tensor parameters) {
    return value.center(parameters);
  }

  /** 1 where the elements [.., E] stand for a value, 0 where for a null, [..]. */
  static Tensor observed(Tensor x) {
    return Axes.only(x, 0).greater(Double.NEGATIVE_INFINITY); // NaN is greater than nothing
  }
}
