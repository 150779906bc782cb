package dev.ancestral.job.evaluate;

import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.model.Batch;
import dev.ancestral.model.BoundModel;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.random.RandomKey;

/** The importance-weighted bound (Burda et al. 2016, eq. 8). */
record IwaeEstimator(int samples) implements Estimator {
  private static final long serialVersionUID = 1L;

  @Override
  public Name name() {
    return Name.IWAE;
  }

  @Override
  public LogLikelihood.Kind kind() {
    return LogLikelihood.Kind.LOWER_BOUND;
  }

  @Override
  public Scores score(GenerativeModel model, Batch batch, RandomKey key) {
    return Scores.of(((BoundModel) model).iwae(batch, samples, key));
  }
}
