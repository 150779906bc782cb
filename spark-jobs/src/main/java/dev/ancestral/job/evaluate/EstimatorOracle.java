package dev.ancestral.job.evaluate;

import dev.ancestral.job.twosample.TwoSampleReport;
import dev.ancestral.likelihood.AnnealedImportanceSampling.Effort;
import dev.ancestral.likelihood.AnnealedImportanceSampling.Start;
import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.likelihood.Moments;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.Families;
import dev.ancestral.model.NamedArrays;
import dev.ancestral.model.Settings;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.oracle.Laws;
import dev.ancestral.oracle.LinearGaussian;
import dev.ancestral.oracle.Oracle;
import dev.ancestral.oracle.Verdict;
import dev.ancestral.random.RandomKey;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * An estimator as an evaluation calls it, on a model whose log p(x) is known: what its scores are,
 * and what kind it says they are.
 *
 * <p>The switch over the names has no default: a new estimator does not compile without its law.
 */
public record EstimatorOracle(Estimator.Name name) implements Oracle {
  private static final int EXAMPLES = 6;
  private static final int KERNELS = 300;
  private static final double BANDWIDTH = 0.6;
  private static final long SEED = 5;
  private static final RandomKey KEY = RandomKey.of(131);

  /** One for each estimator that can be asked for. */
  public static List<Oracle> all() {
    return Arrays.stream(Estimator.Name.values()).<Oracle>map(EstimatorOracle::new).toList();
  }

  @Override
  public List<Verdict> verdicts() {
    Laws laws = new Laws("estimator " + name);
    return switch (name) {
      case EXACT -> exact(laws);
      case ELBO -> elbo(laws);
      case IWAE -> iwae(laws);
      case AIS -> ais(laws);
      case KDE -> kde(laws);
      case TWO_SAMPLE -> twoSample(laws);
    };
  }

  private List<Verdict> exact(Laws laws) {
    EventSpec event = EventSpec.discrete(2, 2);
    StatisticsModel coins =
        (StatisticsModel)
            Families.named("naive-bayes")
                .define(Settings.of(Map.of("likelihood", "bernoulli")), event);
    NamedArrays parameters =
        NamedArrays.empty()
            .with("prior", new double[] {1}, 1)
            .with("probability", new double[] {0.25, 0.75}, 1, 2);
    Batch x = Batch.of(event, new long[] {0, 1}, new float[] {1, 0, 0, 1});
    double[] expected = {2 * Math.log(0.25), 2 * Math.log(0.75)};
    ExactEstimator estimator = new ExactEstimator();
    try (ExactModel model = coins.bind(parameters)) {
      laws.equal(
          "two coins of 1/4 and 3/4", expected, estimator.score(model, x, KEY).nats(), 1e-12);
    }
    return kind(laws, estimator, LogLikelihood.Kind.EXACT);
  }

  private List<Verdict> elbo(Laws laws) {
    BoundEstimator estimator = new BoundEstimator(name, 4000);
    try (LinearGaussian vae = LinearGaussian.withWrongEncoder()) {
      Batch x = vae.draws(EXAMPLES, 1, KEY);
      double[] nats = vae.logProb(x);
      double[] divergence = vae.divergence(x);
      Arrays.setAll(nats, i -> nats[i] - divergence[i]);
      double[] found = estimator.score(vae.model(), x, KEY).nats();
      laws.equal("log p(x) - KL(q, posterior)", nats, found, 0.2);
    }
    return kind(laws, estimator, LogLikelihood.Kind.LOWER_BOUND);
  }

  private List<Verdict> iwae(Laws laws) {
    BoundEstimator estimator = new BoundEstimator(name, 2);
    try (LinearGaussian vae = LinearGaussian.withPosterior()) {
      Batch x = vae.draws(EXAMPLES, 1, KEY);
      double[] found = estimator.score(vae.model(), x, KEY).nats();
      laws.equal("log p(x) where q is the posterior", vae.logProb(x), found, 1e-5);
    }
    return kind(laws, estimator, LogLikelihood.Kind.LOWER_BOUND);
  }

  private List<Verdict> ais(Laws laws) {
    Effort effort = Effort.of(16, 30).from(Start.MODE);
    AisEstimator estimator = new AisEstimator(effort, 40, false);
    try (LinearGaussian vae = LinearGaussian.withWrongEncoder()) {
      Batch x = vae.draws(EXAMPLES, 1, KEY);
      Estimator.Scores scores = estimator.score(vae.model(), x, KEY);
      laws.equal("log p(x)", vae.logProb(x), scores.nats(), 0.1);
      double[] gaps = estimator.gaps(vae.model(), new long[] {0, 1, 2, 3}, KEY);
      laws.equal("its gap on simulated examples", 0, Moments.of(gaps).mean(), 0.1);
    }
    kind(laws, new AisEstimator(effort, 40, true), LogLikelihood.Kind.ESTIMATE);
    return kind(laws, estimator, LogLikelihood.Kind.LOWER_BOUND);
  }

  private List<Verdict> kde(Laws laws) {
    KdeEstimator estimator = new KdeEstimator(KERNELS, BANDWIDTH, SEED);
    try (LinearGaussian vae = LinearGaussian.withWrongEncoder()) {
      Batch x = vae.draws(EXAMPLES, 1, KEY);
      RandomKey kernels = RandomKey.of(SEED).fold("kernels");
      laws.equal(
          "mean of normal densities",
          LinearGaussian.kernelDensity(x, KERNELS, BANDWIDTH, kernels),
          estimator.score(vae.model(), x, KEY).nats(),
          1e-4);
    }
    return kind(laws, estimator, LogLikelihood.Kind.ESTIMATE);
  }

  /** Bonferroni: with three p-values the least of them times three. */
  private static List<Verdict> twoSample(Laws laws) {
    return laws.equal(
            "p of 0.2, 0.01 and 0.5", 0.03, TwoSampleReport.corrected(0.2, 0.01, 0.5), 1e-12)
        .equal("p of 0.4 and 0.7", 0.8, TwoSampleReport.corrected(0.4, 0.7), 1e-12)
        .equal("p of 0.6 and 0.7", 1, TwoSampleReport.corrected(0.6, 0.7), 1e-12)
        .verdicts();
  }

  private static List<Verdict> kind(Laws laws, Estimator estimator, LogLikelihood.Kind kind) {
    return laws.equal(
            "scores are of kind " + ReportJson.text(kind),
            kind.ordinal(),
            estimator.kind().ordinal(),
            0)
        .verdicts();
  }
}
