package dev.ancestral.estimator;

import dev.ancestral.likelihood.AnnealedImportanceSampling;
import dev.ancestral.likelihood.AnnealedImportanceSampling.Effort;
import dev.ancestral.likelihood.AnnealedImportanceSampling.Start;
import dev.ancestral.likelihood.BidirectionalMonteCarlo;
import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.likelihood.Moments;
import dev.ancestral.model.Batch;
import dev.ancestral.model.DecoderModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.oracle.LinearGaussian;
import dev.ancestral.oracle.Verdict;
import dev.ancestral.random.RandomKey;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * {@code ais}: annealed importance sampling through the decoder (Neal 2001). A stochastic lower
 * bound on log p(x) of a model whose decoder is its own, an estimate where a distribution was put
 * around a generator.
 */
public final class AnnealedEstimate implements EstimatorProvider {
  /** Its name. */
  public static final String NAME = "ais";

  /** Inverse temperatures. */
  public static final Setting STEPS =
      Setting.whole(
          "steps",
          "T",
          1,
          10_000_000,
          "Inverse temperatures of ais (default: 200, from the prior 1000): more are slower and",
          "tighter.");

  /** What the chains start from. */
  public static final Setting START =
      Setting.word(
          "start",
          "Q",
          List.of("mode", "prior"),
          "Where the chains of ais start: mode (a Gaussian at the highest mode found of the",
          "posterior) or prior (default: mode).");

  private static final int CHAINS = 16;
  private static final int STEPS_FROM_MODE = 200;
  private static final int STEPS_FROM_PRIOR = 1000;
  private static final int EXAMPLES_SIMULATED = 16;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int order() {
    return 40;
  }

  @Override
  public int preference() {
    return 70;
  }

  @Override
  public boolean suits(ModelTraits model) {
    return model.decoder();
  }

  @Override
  public List<Setting> settings() {
    return List.of(STEPS, START, EnclosingEstimator.SIMULATED);
  }

  @Override
  public Estimator estimator(ModelTraits model, EstimatorOptions options) {
    Start start = options.word(START, "mode").equals("prior") ? Start.PRIOR : Start.MODE;
    int steps = options.whole(STEPS, start == Start.MODE ? STEPS_FROM_MODE : STEPS_FROM_PRIOR);
    return new Annealing(
        Effort.of(options.samples().orElse(CHAINS), steps).from(start),
        options.whole(EnclosingEstimator.SIMULATED, EXAMPLES_SIMULATED),
        model.implicit());
  }

  /** Of a linear Gaussian model, through its decoder alone. */
  @Override
  public List<Verdict> verdicts() {
    EstimatorLaws laws = new EstimatorLaws(NAME);
    Effort effort = Effort.of(16, 30).from(Start.MODE);
    Annealing estimator = new Annealing(effort, 40, false);
    try (LinearGaussian vae = LinearGaussian.withWrongEncoder()) {
      Batch x = laws.draws(vae);
      double[] found = estimator.score(vae.model(), x, EstimatorLaws.KEY).nats();
      laws.equal("log p(x)", vae.logProb(x), found, 0.1);
      double[] gaps = estimator.gaps(vae.model(), new long[] {0, 1, 2, 3}, EstimatorLaws.KEY);
      laws.equal("its gap on simulated examples", 0, Moments.of(gaps).mean(), 0.1);
    }
    return laws.kind(new Annealing(effort, 40, true), LogLikelihood.Kind.ESTIMATE)
        .kind(estimator, LogLikelihood.Kind.LOWER_BOUND)
        .verdicts();
  }

  /**
   * The estimator.
   *
   * @param effort chains, steps and leapfrog steps
   * @param simulated examples on which bidirectional Monte Carlo measures its gap; 0: it does not
   * @param implicit whether the model is a generator alone
   */
  private record Annealing(Effort effort, int simulated, boolean implicit)
      implements EnclosingEstimator {
    private static final long serialVersionUID = 1L;

    @Override
    public String name() {
      return NAME;
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
          SIMULATED.name(),
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
      return BatchWidth.ofDraws(event, effort.chains());
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

    @Override
    public double[] gaps(GenerativeModel model, long[] ids, RandomKey key) {
      return new BidirectionalMonteCarlo(((DecoderModel) model).decoder(), effort)
          .of(ids, key)
          .gaps();
    }
  }
}
