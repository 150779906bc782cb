package dev.ancestral.job.evaluate;

import dev.ancestral.likelihood.AnnealedImportanceSampling;
import dev.ancestral.likelihood.AnnealedImportanceSampling.Effort;
import dev.ancestral.likelihood.BidirectionalMonteCarlo;
import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.model.Batch;
import dev.ancestral.model.DecoderModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.random.RandomKey;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Annealed importance sampling through the decoder: a stochastic lower bound on log p(x) of a model
 * whose decoder is its own, an estimate where a distribution was put around a generator.
 *
 * @param effort chains, steps and leapfrog steps
 * @param simulated examples on which bidirectional Monte Carlo measures its gap; 0: it does not
 * @param implicit whether the model is a generator alone
 */
public record AisEstimator(Effort effort, int simulated, boolean implicit) implements Estimator {
  private static final long serialVersionUID = 1L;

  @Override
  public Name name() {
    return Name.AIS;
  }

  @Override
  public LogLikelihood.Kind kind() {
    return implicit ? LogLikelihood.Kind.ESTIMATE : LogLikelihood.Kind.LOWER_BOUND;
  }

  @Override
  public int samples() {
    return effort.chains();
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of(
        "chains",
        effort.chains(),
        "steps",
        effort.steps(),
        "schedule",
        "sigmoid",
        "leapfrog_steps",
        effort.leapfrogSteps(),
        "start",
        effort.start().name().toLowerCase(Locale.ROOT),
        SIMULATED,
        simulated);
  }

  @Override
  public List<Diagnostic> diagnostics() {
    return List.of(
        Diagnostic.EFFECTIVE_SAMPLE_SIZE, Diagnostic.ACCEPTANCE_RATE, Diagnostic.PARETO_K);
  }

  @Override
  public Map<Diagnostic, Double> constants() {
    return Map.of(Diagnostic.STEPS, (double) effort.steps());
  }

  @Override
  public int batchWidth(EventSpec event) {
    return ScorePlan.batchWidthOfDraws(event, effort.chains());
  }

  @Override
  public double passes() {
    return (double) effort.chains() * effort.steps() * effort.leapfrogSteps();
  }

  @Override
  public Scores score(GenerativeModel model, Batch batch, RandomKey key) {
    DecoderModel decoder = (DecoderModel) model;
    Batch observed = decoder.observed(batch, key.fold("dequantization"));
    AnnealedImportanceSampling.Estimate estimate =
        new AnnealedImportanceSampling(decoder.decoder(), effort).lowerBound(observed, key);
    return new Scores(
        decoder.nats(batch, estimate.nats()),
        Map.of(
            Diagnostic.EFFECTIVE_SAMPLE_SIZE,
            estimate.effectiveSampleSize(),
            Diagnostic.ACCEPTANCE_RATE,
            estimate.acceptance(),
            Diagnostic.PARETO_K,
            estimate.paretoK()));
  }

  /** Upper minus lower bound in nats for each simulated example, [B]. */
  public double[] gaps(GenerativeModel model, long[] ids, RandomKey key) {
    return new BidirectionalMonteCarlo(((DecoderModel) model).decoder(), effort)
        .of(ids, key)
        .gaps();
  }
}
