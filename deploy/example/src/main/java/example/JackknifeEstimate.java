package example;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.estimator.BatchWidth;
import dev.ancestral.estimator.Diagnostic;
import dev.ancestral.estimator.Estimator;
import dev.ancestral.estimator.EstimatorLaws;
import dev.ancestral.estimator.EstimatorOptions;
import dev.ancestral.estimator.EstimatorProvider;
import dev.ancestral.estimator.ModelTraits;
import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.model.Batch;
import dev.ancestral.model.BoundModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.LogSum;
import dev.ancestral.oracle.LinearGaussian;
import dev.ancestral.oracle.Verdict;
import dev.ancestral.random.RandomKey;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * The jackknife of the importance-weighted bound: with K weights w_k = p(x, z_k) / q(z_k | x),
 *
 * <pre>J_K = K L_K − (K − 1) (1/K) Σ_i L_{K−1}^{(−i)},   L_K = log (1/K) Σ_k w_k</pre>
 *
 * where L_{K−1}^{(−i)} leaves weight i out (Nowozin 2018, first order). The bias of L_K as an
 * estimate of log p(x) is O(1/K), that of J_K is O(1/K²). J_K is at least L_K and no bound, so its
 * kind is an estimate.
 *
 * <p>{@code estimator: jackknife} in a spec, or {@code --estimator jackknife}, names it.
 */
public final class JackknifeEstimate implements EstimatorProvider {
  private static final String NAME = "jackknife";
  private static final int SAMPLES = 100;
  private static final Diagnostic CORRECTION = new Diagnostic("jackknife_correction_nats");

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean suits(ModelTraits model) {
    return model.bound();
  }

  @Override
  public Estimator estimator(ModelTraits model, EstimatorOptions options) {
    int samples = options.samples().orElse(SAMPLES);
    if (samples < 2) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "samples is " + samples + "; the jackknife leaves one out, so it must be at least 2");
    }
    return new Jackknife(samples);
  }

  /** What {@code ancestral verify} checks when the jar is on the class path. */
  @Override
  public List<Verdict> verdicts() {
    EstimatorLaws laws = new EstimatorLaws(NAME);
    double[] two = {Math.log(1), Math.log(3)};
    laws.equal("weights 1 and 3", 2 * Math.log(2) - Math.log(3) / 2, jackknife(two), 1e-12);
    // A weight that has nearly all of the sum: the others must not be lost to cancellation.
    double[] unlike = {0, -40, -41};
    double logMean = Math.log((1 + Math.exp(-40) + Math.exp(-41)) / 3);
    double without =
        Math.log((Math.exp(-40) + Math.exp(-41)) / 2)
            + Math.log((1 + Math.exp(-41)) / 2)
            + Math.log((1 + Math.exp(-40)) / 2);
    laws.equal("very unlike weights", 3 * logMean - 2 * without / 3, jackknife(unlike), 1e-9);
    Jackknife estimator = new Jackknife(10);
    try (LinearGaussian vae = LinearGaussian.withPosterior()) {
      Batch x = laws.draws(vae);
      double[] found = estimator.score(vae.model(), x, EstimatorLaws.KEY).nats();
      laws.equal("log p(x) where q is the posterior", vae.logProb(x), found, 1e-4);
    }
    return laws.kind(estimator, LogLikelihood.Kind.ESTIMATE).verdicts();
  }

  /** J_K of log weights. */
  static double jackknife(double[] logWeights) {
    int k = logWeights.length;
    double[] before = new double[k + 1]; // log Σ of the weights before i
    double[] after = new double[k + 1]; // log Σ of the weights from i on
    before[0] = Double.NEGATIVE_INFINITY;
    after[k] = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < k; i++) {
      before[i + 1] = logSum(before[i], logWeights[i]);
      after[k - 1 - i] = logSum(after[k - i], logWeights[k - 1 - i]);
    }
    if (after[0] == Double.NEGATIVE_INFINITY) {
      return after[0]; // p(x) is 0 for all that the draws say.
    }
    double without = 0;
    for (int i = 0; i < k; i++) {
      without += (logSum(before[i], after[i + 1]) - Math.log(k - 1)) / k;
    }
    return k * (after[0] - Math.log(k)) - (k - 1) * without;
  }

  /** log Σ exp. */
  private static double logSum(double... values) {
    LogSum sum = new LogSum();
    for (double value : values) {
      sum.add(value);
    }
    return sum.value();
  }

  /** The estimate from {@code samples} draws of the latent for each example. */
  private record Jackknife(int samples) implements Estimator {
    private static final long serialVersionUID = 1L;

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public LogLikelihood.Kind kind() {
      return LogLikelihood.Kind.ESTIMATE;
    }

    @Override
    public int batchWidth(EventSpec event) {
      return BatchWidth.ofDraws(event, samples);
    }

    @Override
    public List<Diagnostic> diagnostics() {
      return List.of(CORRECTION);
    }

    @Override
    public Scores score(GenerativeModel model, Batch batch, RandomKey key) {
      double[][] logWeights = new double[batch.size()][samples];
      int[] heard = new int[batch.size()];
      ((BoundModel) model)
          .logWeights(batch, samples, key, (i, logWeight) -> logWeights[i][heard[i]++] = logWeight);
      double[] nats = Arrays.stream(logWeights).mapToDouble(JackknifeEstimate::jackknife).toArray();
      double[] correction = new double[nats.length];
      Arrays.setAll(correction, i -> nats[i] - (logSum(logWeights[i]) - Math.log(samples)));
      return new Scores(nats, Map.of(CORRECTION, correction));
    }
  }
}
