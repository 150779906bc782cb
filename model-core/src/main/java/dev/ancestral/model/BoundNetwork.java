package dev.ancestral.model;

import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;

/** A latent-variable network with an approximate posterior: log p(x) is bounded from below. */
public non-sealed interface BoundNetwork extends Network {

  /** The random input of {@link #elbo} and {@link #logWeights}: [samples, B, latent...]. */
  Noise latentNoise(int samples);

  /**
   * The ELBO in nats, [B], averaged over the samples of the noise; whatever can be integrated in
   * closed form is.
   */
  Tensor elbo(TensorMap weights, TensorMap inputs);

  /** log p(x, z_k) − log q(z_k | x) in nats, [samples, B]. */
  Tensor logWeights(TensorMap weights, TensorMap inputs);
}
