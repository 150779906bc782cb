package dev.ancestral.job.evaluate;

import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.model.Batch;
import dev.ancestral.model.BoundModel;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.random.RandomKey;

/**
 * The evidence lower bound, averaged over draws of the latent, or the importance-weighted bound
 * (Burda et al. 2016, eq. 8).
 *
 * @param name which of the two
 * @param samples draws of the latent for each example
 */
record BoundEstimator(Name name, int samples) implements Estimator {
  private static final long serialVersionUID = 1L;

  BoundEstimator {
    if (name != Name.ELBO && name != Name.IWAE) {
      throw new IllegalArgumentException(name + " is no bound; it must be elbo or iwae");
    }
  }

  @Override
  public LogLikelihood.Kind kind() {
    return LogLikelihood.Kind.LOWER_BOUND;
  }

  @Override
  public Scores score(GenerativeModel model, Batch batch, RandomKey key) {
    BoundModel bound = (BoundModel) model;
    return Scores.of(
        name == Name.ELBO ? bound.elbo(batch, samples, key) : bound.iwae(batch, samples, key));
  }
}
