package dev.ancestral.job.evaluate;

import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.model.Batch;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.random.RandomKey;

/** log p(x) as the model computes it. */
public record ExactEstimator() implements Estimator {
  private static final long serialVersionUID = 1L;
  private static final double PASSES = 50;

  @Override
  public Name name() {
    return Name.EXACT;
  }

  @Override
  public LogLikelihood.Kind kind() {
    return LogLikelihood.Kind.EXACT;
  }

  @Override
  public int samples() {
    return 0;
  }

  /** An autoregressive network is wider than a decoder. */
  @Override
  public double passes() {
    return PASSES;
  }

  @Override
  public Scores score(GenerativeModel model, Batch batch, RandomKey key) {
    return Scores.of(((ExactModel) model).logProb(batch));
  }
}
