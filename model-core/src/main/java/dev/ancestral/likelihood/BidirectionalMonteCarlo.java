package dev.ancestral.likelihood;

import dev.ancestral.model.Batch;
import dev.ancestral.model.Decoder;
import dev.ancestral.model.Network;
import dev.ancestral.random.RandomKey;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Bidirectional Monte Carlo (Grosse, Ghahramani &amp; Adams 2015; Grosse, Ancha &amp; Roy 2016):
 * log p(x) of simulated examples enclosed between stochastic bounds.
 *
 * <p>z ~ N(0, I) and x ~ p(x | z) make z an exact draw of the posterior given x, from which
 * annealed importance sampling can run backward. The mean of upper minus lower bound is at least
 * the bias of the lower bound on such x; it tells how far to trust it on real ones, as far as those
 * are like simulated ones.
 */
public final class BidirectionalMonteCarlo {
  private final Decoder decoder;
  private final AnnealedImportanceSampling sampler;

  /** With this effort in each direction. */
  public BidirectionalMonteCarlo(Decoder decoder, AnnealedImportanceSampling.Effort effort) {
    this.decoder = decoder;
    sampler = new AnnealedImportanceSampling(decoder, effort);
  }

  /**
   * Bounds on log p(x) in nats of each simulated example, [B] each.
   *
   * @param lower at most log p(x) in expectation
   * @param upper at least log p(x) in expectation
   */
  public record Sandwich(double[] lower, double[] upper) {

    /** Upper minus lower, [B]. */
    public double[] gaps() {
      return IntStream.range(0, lower.length).mapToDouble(i -> upper[i] - lower[i]).toArray();
    }
  }

  /** Simulated examples with the latents that they were made from, [B, L]. */
  record Simulated(Batch x, float[] z) {}

  /**
   * Simulates an example for each id and encloses its log p(x).
   *
   * @param ids names of the simulated examples
   * @param key example id uses {@code key.fold(...).fold(id)}
   */
  public Sandwich of(long[] ids, RandomKey key) {
    Simulated simulated = simulate(ids, key.fold("simulate"));
    return new Sandwich(
        sampler.lowerBound(simulated.x(), key.fold("lower")).nats(),
        sampler.upperBound(simulated.x(), simulated.z(), key.fold("upper")).nats());
  }

  Simulated simulate(long[] ids, RandomKey key) {
    int latent = decoder.latentSize();
    Network.Noise noise = decoder.observationNoise();
    float[] z = new float[ids.length * latent];
    float[] observation = new float[ids.length * noise.size()];
    for (int i = 0; i < ids.length; i++) {
      RandomKey own = key.fold(ids[i]);
      own.fold("latent").fillNormal(0, z, i * latent, latent);
      RandomKey ofNoise = own.fold(noise.name());
      switch (noise.kind()) {
        case NORMAL -> ofNoise.fillNormal(0, observation, i * noise.size(), noise.size());
        case UNIFORM -> ofNoise.fillUniform(0, observation, i * noise.size(), noise.size());
      }
    }
    long[] shape = new long[noise.shape().size() + 1];
    Arrays.setAll(shape, i -> i == 0 ? ids.length : noise.shape().get(i - 1));
    float[] x =
        decoder
            .engine()
            .inference(
                () ->
                    decoder
                        .observe(
                            decoder.engine().constant(z, ids.length, latent),
                            decoder.engine().constant(observation, shape))
                        .toFloats());
    return new Simulated(Batch.of(decoder.event().withClasses(0), ids, x), z);
  }
}
