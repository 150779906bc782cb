package dev.ancestral.distribution;

import dev.ancestral.tensor.Tensor;

/**
 * x ~ N(m, v); m is the mean. Draws take standard normal noise.
 *
 * @param logVariance log v, of a shape that broadcasts with the means
 */
public record Gaussian(Tensor logVariance) implements LocationDistribution {
  private static final double LOG_TWO_PI = Math.log(2 * Math.PI);

  @Override
  public Tensor mean(Tensor mean) {
    return mean;
  }

  @Override
  public Tensor logProb(Tensor mean, Tensor x) {
    Tensor squares = x.sub(mean).square().mul(logVariance.neg().exp());
    return squares.add(logVariance).add(LOG_TWO_PI).mul(-0.5);
  }

  /** m + √(t v) ε (Kingma &amp; Welling 2014, section 2.4), differentiable in mean and variance. */
  @Override
  public Tensor sample(Tensor mean, Tensor normal, double temperature) {
    Tensor deviations = normal.mul(logVariance.mul(0.5).exp());
    return mean.add(temperature == 1 ? deviations : deviations.mul(Math.sqrt(temperature)));
  }

  /** The divergence KL(N(m, v) ‖ N(0, 1)) in nats of each element (ibid., appendix B). */
  public Tensor divergenceFromStandard(Tensor mean) {
    return mean.square().add(logVariance.exp()).sub(logVariance).add(-1).mul(0.5);
  }
}
