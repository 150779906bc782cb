package dev.ancestral.distribution;

import dev.ancestral.tensor.Tensor;

/** x ∈ {0, 1} is 1 with probability σ(m); m is a logit. */
public record Bernoulli() implements LocationDistribution {

  @Override
  public Tensor mean(Tensor logit) {
    return logit.sigmoid();
  }

  @Override
  public Tensor logProb(Tensor logit, Tensor x) {
    // x log σ(m) + (1 − x) log σ(−m) = log σ((2 x − 1) m) for x in {0, 1}
    return logit.mul(x.mul(2).add(-1)).logSigmoid();
  }

  @Override
  public Tensor sample(Tensor logit, Tensor uniform, double temperature) {
    return logit.mul(1 / temperature).sigmoid().greater(uniform);
  }
}
