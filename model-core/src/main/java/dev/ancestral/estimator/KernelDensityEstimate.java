package dev.ancestral.estimator;

import dev.ancestral.likelihood.KernelDensity;
import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.model.Batch;
import dev.ancestral.model.DecoderModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.oracle.LinearGaussian;
import dev.ancestral.oracle.Verdict;
import dev.ancestral.random.RandomKey;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code kde}: a Gaussian kernel on the decoder's mean of each of many samples. */
public final class KernelDensityEstimate implements EstimatorProvider {
  /** Its name. */
  public static final String NAME = "kde";

  /** Standard deviation of the kernels. */
  public static final Setting BANDWIDTH =
      Setting.positive(
          "bandwidth",
          "H",
          "Standard deviation of the kernels of kde (default: chosen on split valid).");

  private static final int SAMPLES = 10_000;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public int order() {
    return 50;
  }

  @Override
  public int preference() {
    return 60;
  }

  @Override
  public boolean suits(ModelTraits model) {
    return model.decoder() && model.continuous();
  }

  @Override
  public Optional<String> remedy(ModelTraits model) {
    return model.continuous()
        ? Optional.empty()
        : Optional.of(
            "a kernel density is one over real numbers: train with data.dequantize: uniform");
  }

  @Override
  public List<Setting> settings() {
    return List.of(BANDWIDTH);
  }

  @Override
  public Optional<String> note() {
    return Optional.of(
        "a diagnostic: the density of kernels on samples, not of the model; it can rank"
            + " models the wrong way round");
  }

  @Override
  public Estimator estimator(ModelTraits model, EstimatorOptions options) {
    return new Kernels(
        options.samples().orElse(SAMPLES), options.number(BANDWIDTH, 0), options.seed());
  }

  /** The kernels of a linear Gaussian model, summed one by one. */
  @Override
  public List<Verdict> verdicts() {
    int kernels = 300;
    double bandwidth = 0.6;
    long seed = 5;
    EstimatorLaws laws = new EstimatorLaws(NAME);
    Estimator estimator = new Kernels(kernels, bandwidth, seed);
    try (LinearGaussian vae = LinearGaussian.withWrongEncoder()) {
      Batch x = laws.draws(vae);
      laws.equal(
          "mean of normal densities",
          LinearGaussian.kernelDensity(x, kernels, bandwidth, key(seed)),
          estimator.score(vae.model(), x, EstimatorLaws.KEY).nats(),
          1e-4);
    }
    return laws.kind(estimator, LogLikelihood.Kind.ESTIMATE).verdicts();
  }

  private static RandomKey key(long seed) {
    return RandomKey.of(seed).fold("kernels");
  }

  /**
   * The estimator. The samples are the same for all examples, drawn anew by every batch from their
   * own keys.
   *
   * @param samples how many
   * @param bandwidth of the kernels; 0 until it is chosen
   * @param seed of the samples
   */
  private record Kernels(int samples, double bandwidth, long seed) implements TunedEstimator {
    private static final long serialVersionUID = 1L;
    private static final double PASSES = 50;
    private static final int WIDEST = 200;
    // Bandwidths relative to the spread of the samples: each √2 of the next.
    private static final int CANDIDATES = 17;
    private static final double LARGEST = 2;

    @Override
    public String name() {
      return NAME;
    }

    /** Each batch draws all kernels again: wide ones take less time. */
    @Override
    public int batchWidth(EventSpec event) {
      return BatchWidth.atMost(event, WIDEST);
    }

    @Override
    public LogLikelihood.Kind kind() {
      return LogLikelihood.Kind.ESTIMATE;
    }

    @Override
    public Map<String, Object> settings() {
      return Map.of(BANDWIDTH.name(), bandwidth);
    }

    @Override
    public Map<Diagnostic, Double> constants() {
      return Map.of(Diagnostic.BANDWIDTH, bandwidth);
    }

    @Override
    public double passes() {
      return PASSES;
    }

    @Override
    public Scores score(GenerativeModel model, Batch batch, RandomKey key) {
      DecoderModel decoder = (DecoderModel) model;
      Batch observed = decoder.observed(batch, key.fold("dequantization"));
      return Scores.of(decoder.nats(batch, kernels(decoder).logDensity(observed, bandwidth)[0]));
    }

    @Override
    public double[][] scores(
        GenerativeModel model, Batch batch, RandomKey key, double[] bandwidths) {
      DecoderModel decoder = (DecoderModel) model;
      Batch observed = decoder.observed(batch, key.fold("dequantization"));
      return kernels(decoder).logDensity(observed, bandwidths);
    }

    /** Descending, so that of equally good ones the widest is chosen. */
    @Override
    public double[] candidates(GenerativeModel model) {
      double spread = kernels((DecoderModel) model).deviation();
      double[] candidates = new double[CANDIDATES];
      for (int i = 0; i < CANDIDATES; i++) {
        // Of samples without spread any bandwidth is as good.
        candidates[i] = (spread > 0 ? spread : 1) * LARGEST * Math.pow(2, -0.5 * i);
      }
      return candidates;
    }

    @Override
    public Setting tuned() {
      return BANDWIDTH;
    }

    @Override
    public String meaning() {
      return "the bandwidth of a kernel density";
    }

    @Override
    public boolean isOpen() {
      return bandwidth == 0;
    }

    @Override
    public Kernels with(double chosen) {
      return new Kernels(samples, chosen, seed);
    }

    private KernelDensity kernels(DecoderModel model) {
      return KernelDensity.of(model.decoder(), samples, key(seed));
    }
  }
}
