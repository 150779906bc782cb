package dev.ancestral.job.evaluate;

import dev.ancestral.likelihood.ImportanceWeights;
import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.model.Batch;
import dev.ancestral.model.BoundModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.random.RandomKey;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The evidence lower bound, averaged over draws of the latent, or the importance-weighted bound
 * (Burda et al. 2016, eq. 8).
 *
 * @param name which of the two
 * @param samples draws of the latent for each example
 */
public record BoundEstimator(Name name, int samples) implements Estimator {
  private static final long serialVersionUID = 1L;

  public BoundEstimator {
    if (name != Name.ELBO && name != Name.IWAE) {
      throw new IllegalArgumentException(name + " is no bound; it must be elbo or iwae");
    }
  }

  @Override
  public int batchWidth(EventSpec event) {
    return ScorePlan.batchWidthOfDraws(event, samples);
  }

  @Override
  public LogLikelihood.Kind kind() {
    return LogLikelihood.Kind.LOWER_BOUND;
  }

  @Override
  public List<Diagnostic> diagnostics() {
    return name == Name.IWAE
        ? List.of(Diagnostic.EFFECTIVE_SAMPLE_SIZE, Diagnostic.PARETO_K)
        : List.of();
  }

  @Override
  public Scores score(GenerativeModel model, Batch batch, RandomKey key) {
    BoundModel bound = (BoundModel) model;
    if (name == Name.ELBO) {
      return Scores.of(bound.elbo(batch, samples, key));
    }
    ImportanceWeights[] weights = ImportanceWeights.ofEach(batch.size(), samples);
    bound.logWeights(batch, samples, key, (i, logWeight) -> weights[i].add(logWeight));
    return new Scores(
        Arrays.stream(weights).mapToDouble(ImportanceWeights::logMean).toArray(),
        Map.of(
            Diagnostic.EFFECTIVE_SAMPLE_SIZE,
            Arrays.stream(weights).mapToDouble(ImportanceWeights::effectiveSampleSize).toArray(),
            Diagnostic.PARETO_K,
            Arrays.stream(weights).mapToDouble(ImportanceWeights::paretoK).toArray()));
  }
}
