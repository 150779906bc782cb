package dev.ancestral.cli.verify;

import dev.ancestral.config.Settings;
import dev.ancestral.job.evaluate.AisEstimator;
import dev.ancestral.job.evaluate.BoundEstimator;
import dev.ancestral.job.evaluate.Diagnostic;
import dev.ancestral.job.evaluate.Estimator;
import dev.ancestral.job.evaluate.ExactEstimator;
import dev.ancestral.job.evaluate.KdeEstimator;
import dev.ancestral.job.evaluate.ReportJson;
import dev.ancestral.job.twosample.TwoSampleReport;
import dev.ancestral.likelihood.AnnealedImportanceSampling.Effort;
import dev.ancestral.likelihood.AnnealedImportanceSampling.Start;
import dev.ancestral.likelihood.ImportanceWeights;
import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.likelihood.Moments;
import dev.ancestral.likelihood.twosample.ClassifierComparison;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.Families;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.oracle.Laws;
import dev.ancestral.oracle.LinearGaussian;
import dev.ancestral.oracle.Oracle;
import dev.ancestral.oracle.Verdict;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.NamedArrays;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

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
      case C2ST -> classifier(laws);
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
    weights(laws);
    return kind(laws, estimator, LogLikelihood.Kind.LOWER_BOUND);
  }

  /**
   * The weights of a posterior q are equal, so all of them count. A Pareto distribution's quantiles
   * give its shape but for the prior: k̂ → (M k + 10/2)/(M + 10) with M = 300 of S = 10,000.
   */
  private static void weights(Laws laws) {
    int samples = 40;
    BoundEstimator estimator = new BoundEstimator(Estimator.Name.IWAE, samples);
    try (LinearGaussian vae = LinearGaussian.withPosterior()) {
      double[] effective =
          estimator
              .score(vae.model(), vae.draws(1, 1, KEY), KEY)
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

  /** Two of three positives above both negatives, and one between them with a tie. */
  private static List<Verdict> classifier(Laws laws) {
    double[] positives = {3, 2, 1};
    double[] negatives = {1, 0};
    ClassifierComparison found = ClassifierComparison.of(positives, negatives, 999, KEY);
    // Of six pairs five are in order and one is a tie. DeLong's components are 1, 1, 3/4 of the
    // positives, with variance 1/48, and 5/6, 1 of the negatives, with variance 1/72.
    laws.equal("area under the curve", 5.5 / 6, found.area().value(), 1e-12)
        .equal(
            "DeLong's error of it",
            Math.sqrt(1 / 48.0 / 3 + 1 / 72.0 / 2),
            found.area().standardError(),
            1e-12)
        // Of ten ways to label them, two have as large an area: the tie may be labelled either way.
        .equal("p of ten ways to label", 0.2, found.pValue(), 0.05);
    double mean = 0;
    double[] logOdds = {3, 2, 1, 1, 0};
    for (int i = 0; i < logOdds.length; i++) {
      for (int j = 0; j < i; j++) {
        double[] second = {logOdds[i], logOdds[j]};
        double[] first = without(logOdds, i, j);
        mean += Math.exp(ClassifierComparison.of(first, second, 1, KEY).logEValue()) / 10;
      }
    }
    return laws.equal("mean e-value over all ten", 1, mean, 1e-12).verdicts();
  }

  private static double[] without(double[] values, int i, int j) {
    return IntStream.range(0, values.length)
        .filter(k -> k != i && k != j)
        .mapToDouble(k -> values[k])
        .toArray();
  }

  private static List<Verdict> kind(Laws laws, Estimator estimator, LogLikelihood.Kind kind) {
    return laws.equal(
            "kinds other than " + ReportJson.text(kind), 0, estimator.kind() == kind ? 0 : 1, 0)
        .verdicts();
  }
}
