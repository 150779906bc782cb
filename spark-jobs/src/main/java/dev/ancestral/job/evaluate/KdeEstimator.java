package dev.ancestral.job.evaluate;

import dev.ancestral.likelihood.KernelDensity;
import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.model.Batch;
import dev.ancestral.model.DecoderModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.random.RandomKey;
import java.util.Map;

/**
 * A Gaussian kernel on the decoder's mean of each of many samples.
 *
 * <p>The samples are the same for all examples, drawn anew by every batch from their own keys.
 *
 * @param samples how many
 * @param bandwidth of the kernels; 0 until it is chosen
 * @param seed of the samples
 */
public record KdeEstimator(int samples, double bandwidth, long seed) implements Estimator {
  private static final long serialVersionUID = 1L;
  private static final double PASSES = 50;
  private static final int WIDEST = 200;
  // Bandwidths relative to the spread of the samples: each √2 of the next.
  private static final int CANDIDATES = 17;
  private static final double LARGEST = 2;

  @Override
  public Name name() {
    return Name.KDE;
  }

  /** Each batch draws all kernels again: wide ones take less time. */
  @Override
  public int batchWidth(EventSpec event) {
    return ScorePlan.batchWidth(event, WIDEST);
  }

  @Override
  public LogLikelihood.Kind kind() {
    return LogLikelihood.Kind.ESTIMATE;
  }

  @Override
  public Map<String, Object> settings() {
    return Map.of("bandwidth", bandwidth);
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

  /** Scores with each of some bandwidths, [bandwidths][B]. */
  double[][] scores(GenerativeModel model, Batch batch, RandomKey key, double[] bandwidths) {
    DecoderModel decoder = (DecoderModel) model;
    Batch observed = decoder.observed(batch, key.fold("dequantization"));
    return kernels(decoder).logDensity(observed, bandwidths);
  }

  /** The bandwidths among which validation data choose, descending. */
  double[] candidates(GenerativeModel model) {
    double spread = kernels((DecoderModel) model).deviation();
    double[] candidates = new double[CANDIDATES];
    for (int i = 0; i < CANDIDATES; i++) {
      // Of samples without spread any bandwidth is as good.
      candidates[i] = (spread > 0 ? spread : 1) * LARGEST * Math.pow(2, -0.5 * i);
    }
    return candidates;
  }

  KdeEstimator withBandwidth(double chosen) {
    return new KdeEstimator(samples, chosen, seed);
  }

  private KernelDensity kernels(DecoderModel model) {
    return KernelDensity.of(model.decoder(), samples, RandomKey.of(seed).fold("kernels"));
  }
}
