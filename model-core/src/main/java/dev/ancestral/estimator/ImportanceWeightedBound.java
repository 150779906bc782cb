package dev.ancestral.estimator;

import dev.ancestral.likelihood.ImportanceWeights;
import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.model.Batch;
import dev.ancestral.model.BoundModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.oracle.LinearGaussian;
import dev.ancestral.oracle.Verdict;
import dev.ancestral.random.RandomKey;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** {@code iwae}: the importance-weighted bound (Burda et al. 2016, eq. 8). */
public final class ImportanceWeightedBound implements EstimatorProvider {
  /** Its name. */
  public static final String NAME = "iwae";

  private static final int SAMPLES = 500;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int order() {
    return 30;
  }

  /** Above the evidence lower bound: it is at least as tight. */
  @Override
  public int preference() {
    return 90;
  }

  @Override
  public boolean suits(ModelTraits model) {
    return model.bound();
  }

  @Override
  public Estimator estimator(ModelTraits model, EstimatorOptions options) {
    return new Iwae(options.samples().orElse(SAMPLES));
  }

  /** Of a linear Gaussian model with its posterior as the encoder: all weights are p(x). */
  @Override
  public List<Verdict> verdicts() {
    EstimatorLaws laws = new EstimatorLaws(NAME);
    Estimator estimator = new Iwae(2);
    try (LinearGaussian vae = LinearGaussian.withPosterior()) {
      Batch x = laws.draws(vae);
      double[] found = estimator.score(vae.model(), x, EstimatorLaws.KEY).nats();
      laws.equal("log p(x) where q is the posterior", vae.logProb(x), found, 1e-5);
    }
    weights(laws);
    return laws.kind(estimator, LogLikelihood.Kind.LOWER_BOUND).verdicts();
  }

  /**
   * The weights of a posterior q are equal, so all of them count. A Pareto distribution's quantiles
   * give its shape but for the prior: k̂ → (M k + 10/2)/(M + 10) with M = 300 of S = 10,000.
   */
  private static void weights(EstimatorLaws laws) {
    int samples = 40;
    try (LinearGaussian vae = LinearGaussian.withPosterior()) {
      double[] effective =
          new Iwae(samples)
              .score(vae.model(), vae.draws(1, 1, EstimatorLaws.KEY), EstimatorLaws.KEY)
              .diagnostics()
              .get(Diagnostic.EFFECTIVE_SAMPLE_SIZE);
      laws.equal("effective sample size of 40 equal weights", samples, effective[0], 1e-3);
    }
    int many = 10_000;
    for (double k : new double[] {0.4, 0.9}) {
      ImportanceWeights weights = new ImportanceWeights(many);
      for (int i = 0; i < many; i++) {
        weights.add(-k * Math.log((i + 0.5) / many));
      }
      laws.equal("Pareto k of shape " + k, (300 * k + 5) / 310, weights.paretoK(), 0.05);
    }
  }

  /** The bound from {@code samples} draws of the latent for each example. */
  private record Iwae(int samples) implements Estimator {
    private static final long serialVersionUID = 1L;

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public LogLikelihood.Kind kind() {
      return LogLikelihood.Kind.LOWER_BOUND;
    }

    @Override
    public int batchWidth(EventSpec event) {
      return BatchWidth.ofDraws(event, samples);
    }

    @Override
    public List<Diagnostic> diagnostics() {
      return List.of(Diagnostic.EFFECTIVE_SAMPLE_SIZE, Diagnostic.PARETO_K);
    }

    @Override
    public Scores score(GenerativeModel model, Batch batch, RandomKey key) {
      ImportanceWeights[] weights = ImportanceWeights.ofEach(batch.size(), samples);
      ((BoundModel) model)
          .logWeights(batch, samples, key, (i, logWeight) -> weights[i].add(logWeight));
      return new Scores(
          Arrays.stream(weights).mapToDouble(ImportanceWeights::logMean).toArray(),
          Map.of(
              Diagnostic.EFFECTIVE_SAMPLE_SIZE,
              Arrays.stream(weights).mapToDouble(ImportanceWeights::effectiveSampleSize).toArray(),
              Diagnostic.PARETO_K,
              Arrays.stream(weights).mapToDouble(ImportanceWeights::paretoK).toArray()));
    }
  }
}
