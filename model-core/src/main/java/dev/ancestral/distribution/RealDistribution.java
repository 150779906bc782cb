package dev.ancestral.distribution;

import dev.ancestral.tensor.Tensor;

/**
 * A real number x = shift + scale · (hi + lo) whose standard value hi + lo ~ N(m, v). Parameters: m
 * and log v; a draw takes two uniform numbers (Box &amp; Muller 1958) and has lo = 0.
 *
 * <p>log p(x) = log N(hi + lo; m, v) − log scale, a density in the units of x. v is at least e^−12,
 * so that a column in which one number is frequent has a density that stays bounded.
 *
 * @param scale of the column, above 0
 */
record RealDistribution(double scale) implements ColumnDistribution {
  private static final double LEAST_LOG_VARIANCE = -12;
  private static final double LARGEST_LOG_VARIANCE = 40;

  @Override
  public int elements() {
    return 2;
  }

  @Override
  public int parametersPerElement() {
    return 2;
  }

  @Override
  public int noisePerElement() {
    return 2;
  }

  @Override
  public Tensor logProb(Tensor parameters, Tensor x) {
    // hi + lo in one number would lose lo; the difference from the mean does not.
    Tensor residual = Axes.only(x, 0).sub(Axes.only(parameters, 0)).add(Axes.only(x, 1)); // [..]
    Tensor zero = parameters.engine().full(0, 1);
    return variable(parameters).logProb(zero, residual).add(-Math.log(scale)); // [..]
  }

  @Override
  public Tensor sample(Tensor parameters, Tensor uniform, double temperature) {
    Tensor radius = Axes.only(uniform, 0).neg().log1p().mul(-2).sqrt(); // [..]
    Tensor normal = radius.mul(Axes.only(uniform, 1).mul(2 * Math.PI).cos()); // [..]
    return standard(
        variable(parameters).sample(Axes.only(parameters, 0), normal, temperature)); // [.., 2]
  }

  @Override
  public Tensor center(Tensor parameters) {
    return standard(Axes.only(parameters, 0)); // [.., 2]
  }

  private static Gaussian variable(Tensor parameters) {
    return new Gaussian(Axes.only(parameters, 1).clamp(LEAST_LOG_VARIANCE, LARGEST_LOG_VARIANCE));
  }

  private static Tensor standard(Tensor hi) {
    return hi.expandDims(-1).pad(-1, 0, 1); // [.., 2]
  }
}
