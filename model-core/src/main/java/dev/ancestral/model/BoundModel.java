package dev.ancestral.model;

import dev.ancestral.random.RandomKey;
import java.util.Arrays;

/** A latent-variable model whose log p(x) is bounded from below. */
public non-sealed interface BoundModel extends GenerativeModel {

  /**
   * An unbiased estimate of the evidence lower bound in nats of each example, [B].
   *
   * @param samples draws of the latent averaged for each example, at least 1
   * @param key example id uses {@code key.fold(id)}
   */
  double[] elbo(Batch x, int samples, RandomKey key);

  /**
   * The importance-weighted bound log (1/K) Σ_k p(x, z_k) / q(z_k | x) in nats of each example, [B]
   * (Burda et al. 2016, eq. 8): at least the ELBO in expectation, and it tends to log p(x) from
   * below as K grows.
   *
   * @param samples K, at least 1; computed in chunks, so memory does not grow with it
   * @param key example id uses {@code key.fold(id)}
   */
  default double[] iwae(Batch x, int samples, RandomKey key) {
    LogSum[] sums = new LogSum[x.size()];
    Arrays.setAll(sums, i -> new LogSum());
    logWeights(x, samples, key, (example, logWeight) -> sums[example].add(logWeight));
    double logSamples = Math.log(samples);
    return Arrays.stream(sums).mapToDouble(sum -> sum.value() - logSamples).toArray();
  }

  /**
   * The terms of {@link #iwae} one by one: log p(x, z_k) − log q(z_k | x) in nats.
   *
   * @param samples K, at least 1; computed in chunks, so memory does not grow with it
   * @param key example id uses {@code key.fold(id)}
   * @param each receives K weights of every example, those of an example in the order of k
   */
  void logWeights(Batch x, int samples, RandomKey key, LogWeights each);

  /** Hears importance weights. */
  @FunctionalInterface
  interface LogWeights {
    /**
     * Takes one weight.
     *
     * @param example row in the batch
     * @param logWeight in nats
     */
    void accept(int example, double logWeight);
  }
}
