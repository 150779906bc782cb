package dev.ancestral.oracle;

import dev.ancestral.model.Batch;
import dev.ancestral.model.BoundModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.random.RandomKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * A VAE without hidden layers and with a Gaussian likelihood, which is probabilistic principal
 * component analysis: x ~ N(b, WᵀW + v I) (Tipping &amp; Bishop 1999, eq. 4).
 *
 * <p>The rows w_l of W are orthogonal, so the posterior has independent latents,
 *
 * <p>z_l | x ~ N(w_l·(x − b) / (v + |w_l|²), v / (v + |w_l|²)),
 *
 * <p>and the encoder, which is linear, can hold it. It holds N(scale · mean + shift, factor ·
 * variance) of those numbers, so that its divergence from the posterior is known.
 */
public final class LinearGaussian implements AutoCloseable {
  private static final int D = 4;
  private static final int L = 2;
  private static final double[] W = {0.75, 0.5, -0.5, 0.25, 0.5, -0.75, 0.25, 0.5};
  private static final double[] B = {0.5, -0.25, 1, 0};
  private static final double LOG_VARIANCE = -0.5;

  private final SmallNetwork network;
  private final double v = Math.exp(LOG_VARIANCE);
  private final double scale;
  private final double shift;
  private final double factor;

  private LinearGaussian(double scale, double shift, double factor, Map<String, Object> more) {
    this.scale = scale;
    this.shift = shift;
    this.factor = factor;
    Map<String, Object> settings = new HashMap<>(more);
    settings.putAll(Map.of("hidden", List.of(), "latent", L, "likelihood", "gaussian"));
    network = SmallNetwork.of("vae", settings, EventSpec.continuous(D));
    double[] weight = new double[D * 2 * L];
    double[] bias = new double[2 * L];
    for (int l = 0; l < L; l++) {
      bias[l] = shift;
      bias[L + l] = Math.log(factor * posteriorVariance(l));
      for (int d = 0; d < D; d++) {
        weight[d * 2 * L + l] = scale * W[l * D + d] / (v + norm(l));
        bias[l] -= weight[d * 2 * L + l] * B[d];
      }
    }
    network
        .with("decoder.observation.weight", W)
        .with("decoder.observation.bias", B)
        .with("decoder.logVariance", LOG_VARIANCE)
        .with("encoder.posterior.weight", weight)
        .with("encoder.posterior.bias", bias);
  }

  /** Its encoder holds the posterior itself. */
  public static LinearGaussian withPosterior() {
    return withPosterior(Map.of());
  }

  /** As {@link #withPosterior()}, with more settings. */
  static LinearGaussian withPosterior(Map<String, Object> more) {
    return new LinearGaussian(1, 0, 1, more);
  }

  /** Its encoder is wrong on purpose, and wider than the posterior. */
  public static LinearGaussian withWrongEncoder() {
    return withWrongEncoder(Map.of());
  }

  /** As {@link #withWrongEncoder()}, with more settings. */
  static LinearGaussian withWrongEncoder(Map<String, Object> more) {
    return new LinearGaussian(0.75, 0.25, 1.5, more);
  }

  SmallNetwork network() {
    return network;
  }

  /** The model, which is closed with this. */
  public BoundModel model() {
    return (BoundModel) network.model();
  }

  /** Draws of the model, each several times under other ids. */
  public Batch draws(int examples, int copies, RandomKey key) {
    long[] ids = LongStream.range(0, examples).toArray();
    return copies(network.model().sample(ids, key, SampleRequest.plain()), copies);
  }

  /** Every example several times: copy c of example i is row c · B + i, and so is its id. */
  static Batch copies(Batch x, int copies) {
    float[] values = new float[copies * x.values().length];
    for (int c = 0; c < copies; c++) {
      System.arraycopy(x.values(), 0, values, c * x.values().length, x.values().length);
    }
    return Batch.of(x.event(), LongStream.range(0, (long) copies * x.size()).toArray(), values);
  }

  /** log p(x) in nats, [B]. */
  public double[] logProb(Batch x) {
    return squares(x, v);
  }

  /** log ∫ N(z; 0, I) p(x | z)² dz in nats, [B]: p(x | z)² is a Gaussian of half the variance. */
  double[] logSecondMoment(Batch x) {
    double[] nats = squares(x, v / 2);
    for (int i = 0; i < nats.length; i++) {
      nats[i] -= 0.5 * D * Math.log(4 * Math.PI * v);
    }
    return nats;
  }

  /** log N(x; b, WᵀW + variance I), by the matrix determinant lemma and Sherman–Morrison. */
  private static double[] squares(Batch x, double variance) {
    double[] nats = new double[x.size()];
    for (int i = 0; i < nats.length; i++) {
      double distance = 0;
      for (int d = 0; d < D; d++) {
        double difference = x.values()[i * D + d] - B[d];
        distance += difference * difference;
      }
      double logDeterminant = D * Math.log(2 * Math.PI * variance);
      for (int l = 0; l < L; l++) {
        double along = along(x, i, l);
        distance -= along * along / (variance + norm(l));
        logDeterminant += Math.log1p(norm(l) / variance);
      }
      nats[i] = -0.5 * (logDeterminant + distance / variance);
    }
    return nats;
  }

  /** KL(q(z | x) ‖ p(z | x)) in nats, [B]. */
  public double[] divergence(Batch x) {
    double[] nats = new double[x.size()];
    for (int i = 0; i < nats.length; i++) {
      for (int l = 0; l < L; l++) {
        double mean = posteriorMean(x, i, l);
        double variance = posteriorVariance(l);
        nats[i] += Normal.divergence(scale * mean + shift, factor * variance, mean, variance);
      }
    }
    return nats;
  }

  /** E log p(x) in nats: minus the entropy of N(b, WᵀW + v I). */
  double expectedLogProb() {
    double logDeterminant = D * Math.log(2 * Math.PI * v);
    for (int l = 0; l < L; l++) {
      logDeterminant += Math.log1p(norm(l) / v);
    }
    return -0.5 * (logDeterminant + D);
  }

  /** E log q(z | x) in nats over (z, x) of the model, of the encoder that holds the posterior. */
  double negativeEntropy() {
    double nats = 0;
    for (int l = 0; l < L; l++) {
      nats -= 0.5 * (Math.log(2 * Math.PI * posteriorVariance(l)) + 1);
    }
    return nats;
  }

  /** A draw of p(z | x) for each example, [B, L]. */
  float[] posteriorDraws(Batch x, RandomKey key) {
    float[] z = new float[x.size() * L];
    key.fillNormal(0, z, 0, z.length);
    for (int i = 0; i < x.size(); i++) {
      for (int l = 0; l < L; l++) {
        double deviation = Math.sqrt(posteriorVariance(l));
        z[i * L + l] = (float) (posteriorMean(x, i, l) + deviation * z[i * L + l]);
      }
    }
    return z;
  }

  /**
   * log of the mean of N(x; W z_j + b, bandwidth² I) over draws z_j ~ N(0, I) in nats, [B].
   *
   * @param key draw j uses {@code key.fold(j)}
   */
  public static double[] kernelDensity(Batch x, int draws, double bandwidth, RandomKey key) {
    double[] nats = new double[x.size()];
    float[] z = new float[L];
    for (int i = 0; i < nats.length; i++) {
      double sum = 0;
      for (int j = 0; j < draws; j++) {
        key.fold(j).fillNormal(0, z, 0, L);
        double[] center = mean(z);
        double logDensity = 0;
        for (int d = 0; d < D; d++) {
          logDensity += Normal.logDensity(x.values()[i * D + d], center[d], bandwidth * bandwidth);
        }
        sum += Math.exp(logDensity) / draws;
      }
      nats[i] = Math.log(sum);
    }
    return nats;
  }

  /** The mean of x given z, [D]. */
  private static double[] mean(float[] z) {
    double[] mean = B.clone();
    for (int d = 0; d < D; d++) {
      for (int l = 0; l < L; l++) {
        mean[d] += z[l] * W[l * D + d];
      }
    }
    return mean;
  }

  private double posteriorMean(Batch x, int i, int l) {
    return along(x, i, l) / (v + norm(l));
  }

  private double posteriorVariance(int l) {
    return v / (v + norm(l));
  }

  private static double along(Batch x, int i, int l) {
    double along = 0;
    for (int d = 0; d < D; d++) {
      along += W[l * D + d] * (x.values()[i * D + d] - B[d]);
    }
    return along;
  }

  private static double norm(int l) {
    double norm = 0;
    for (int d = 0; d < D; d++) {
      norm += W[l * D + d] * W[l * D + d];
    }
    return norm;
  }

  @Override
  public void close() {
    network.close();
  }
}
