package dev.ancestral.distribution;

import dev.ancestral.tensor.Tensor;

/**
 * A logistic variable on [−1, 1], rounded to the nearest of equally spaced {@link Levels}, the
 * outermost ones taking all that lies beyond them (Kingma et al. 2016, eq. 20; Salimans et al.
 * 2017, eq. 2), so the probabilities of the levels sum to 1. The location is its mean.
 *
 * @param levels of the variable
 * @param logScale log of the scale in the units of [−1, 1], of a shape that broadcasts with the
 *     means
 */
public record DiscretizedLogistic(Levels levels, Tensor logScale) implements LocationDistribution {

  /** The mean before rounding, kept within the levels. */
  @Override
  public Tensor mean(Tensor mean) {
    return levels.unrounded(mean);
  }

  /**
   * log P(x) in nats: log (σ(a) − σ(b)) with a and b at the upper and lower end of x's bin, in the
   * form log σ(a) + log σ(−b) + log (1 − e^{b−a}), in which nothing cancels. The lowest bin has no
   * lower end and the highest no upper one.
   */
  @Override
  public Tensor logProb(Tensor mean, Tensor x) {
    double halfBin = 1.0 / (levels.count() - 1);
    Tensor inverseScale = logScale.neg().exp();
    Tensor centered = levels.scaled(x).sub(mean);
    Tensor upper = centered.add(halfBin).mul(inverseScale); // a
    Tensor lower = centered.add(-halfBin).mul(inverseScale); // b
    Tensor width = inverseScale.mul(2 * halfBin); // a − b
    // log (1 − e^{−w}) = log tanh(w / 2) + log(1 + e^{−w}), accurate for narrow and wide bins.
    Tensor logInterior = width.mul(0.5).tanh().log().add(width.neg().exp().log1p());
    Tensor hasUpper = x.greater(levels.count() - 1.5).neg().add(1);
    Tensor hasLower = x.greater(0.5);
    return upper
        .logSigmoid()
        .mul(hasUpper)
        .add(lower.neg().logSigmoid().mul(hasLower))
        .add(logInterior.mul(hasUpper.mul(hasLower)));
  }

  /** The level that a uniform number draws by the inverse of the distribution function. */
  @Override
  public Tensor sample(Tensor mean, Tensor uniform, double temperature) {
    Tensor scale = logScale.exp().mul(temperature);
    // 0 stands for what is below the least other number, 2^−24; its logit would be infinite.
    Tensor u = uniform.clamp(0x1p-25, 1);
    Tensor logit = u.log().sub(u.neg().log1p());
    return levels.nearest(mean.add(logit.mul(scale)));
  }
}
