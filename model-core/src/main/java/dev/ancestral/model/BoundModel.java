package dev.ancestral.model;

import dev.ancestral.random.RandomKey;

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
  double[] iwae(Batch x, int samples, RandomKey key);
}
