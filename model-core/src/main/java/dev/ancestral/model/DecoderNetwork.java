package dev.ancestral.model;

import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;

/**
 * What a {@link BoundNetwork} or an {@link ImplicitNetwork} can say besides when it makes x from a
 * latent z: z ~ N(0, I), x ~ p(x | z), so p(x) = ∫ N(z; 0, I) p(x | z) dz. With it, log p(x) can be
 * estimated by annealed importance sampling, whatever trained the network (Wu, Burda, Salakhutdinov
 * &amp; Grosse 2017, section 3).
 *
 * <p>L is the size of z, D the number of elements of x. A network that only makes means (a
 * generator) stands for the distribution in which Gaussian noise of a chosen scale is added to
 * them, and says so in its documentation.
 */
public interface DecoderNetwork {

  /** L. */
  int latentSize();

  /** The mean of every element in the units of x: z [N, L] → [N, D]. */
  Tensor decode(TensorMap weights, Tensor z);

  /**
   * log p(x | z) in nats, [K, B]; differentiable in z.
   *
   * @param x examples, [B, shape...]
   * @param z K latents for each example, [K, B, L]
   */
  Tensor logLikelihood(TensorMap weights, Tensor x, Tensor z);

  /** The random input of {@link #observe} that is drawn for each example, [N, ...]. */
  Network.Noise observationNoise();

  /**
   * Draws x ~ p(x | z), [N, D].
   *
   * @param z latents, [N, L]
   * @param noise of {@link #observationNoise}
   */
  Tensor observe(TensorMap weights, Tensor z, Tensor noise);
}
