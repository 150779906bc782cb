package dev.ancestral.distribution;

import dev.ancestral.tensor.Tensor;

/**
 * A logistic variable on [−1, 1], rounded to the nearest of equally spaced levels, the outermost
 * ones taking all that lies beyond them (Kingma et al. 2016, eq. 20; Salimans et al. 2017, eq. 2),
 * so the probabilities of the levels sum to 1.
 *
 * @param levels of the variable: 0 stands at −1, levels − 1 at 1
 */
public record DiscretizedLogistic(int levels) {

  /** Levels to their places in [−1, 1]. */
  public Tensor scaled(Tensor x) {
    return x.mul(2.0 / (levels - 1)).add(-1);
  }

  /** Places to the levels nearest to them. */
  public Tensor toLevels(Tensor y) {
    int top = levels - 1;
    return y.add(1).mul(top / 2.0).add(0.5).floor().clamp(0, top);
  }

  /**
   * log P(x) in nats: log (σ(a) − σ(b)) with a and b at the upper and lower end of x's bin, in the
   * form log σ(a) + log σ(−b) + log (1 − e^{b−a}), in which nothing cancels. The lowest bin has no
   * lower end and the highest no upper one. All three broadcast.
   *
   * @param x levels
   * @param mean in the units of [−1, 1]
   * @param logScale of the same
   */
  public Tensor logProb(Tensor x, Tensor mean, Tensor logScale) {
    double halfBin = 1.0 / (levels - 1);
    Tensor inverseScale = logScale.neg().exp();
    Tensor centered = scaled(x).sub(mean);
    Tensor upper = centered.add(halfBin).mul(inverseScale); // a
    Tensor lower = centered.add(-halfBin).mul(inverseScale); // b
    Tensor width = inverseScale.mul(2 * halfBin); // a − b
    // log (1 − e^{−w}) = log tanh(w / 2) + log(1 + e^{−w}), accurate for narrow and wide bins.
    Tensor logInterior = width.mul(0.5).tanh().log().add(width.neg().exp().log1p());
    Tensor hasUpper = x.greater(levels - 1.5).neg().add(1);
    Tensor hasLower = x.greater(0.5);
    return upper
        .logSigmoid()
        .mul(hasUpper)
        .add(lower.neg().logSigmoid().mul(hasLower))
        .add(logInterior.mul(hasUpper.mul(hasLower)));
  }

  /**
   * The level that a uniform number draws by the inverse of the distribution function.
   *
   * @param uniform in [0, 1)
   * @param mean in the units of [−1, 1]
   * @param scale of the same
   */
  public Tensor draw(Tensor uniform, Tensor mean, Tensor scale) {
    // 0 stands for what is below the least other number, 2^−24; its logit would be infinite.
    Tensor u = uniform.clamp(0x1p-25, 1);
    Tensor logit = u.log().sub(u.neg().log1p());
    return toLevels(mean.add(logit.mul(scale)));
  }
}
