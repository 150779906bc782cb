package dev.ancestral.model.pixelcnn;

import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;

/**
 * The distribution of one pixel given the features of those before it; its channels in order.
 *
 * <p>Features are [B, C, H, W], of a whole image or, when sampling, of one pixel; x are levels [B,
 * K, H, W].
 */
sealed interface Head permits ChannelwiseHead, LogisticMixtureHead {

  void declare(ParameterLayout.Builder layout);

  /** Uniform numbers that a draw of one pixel takes. */
  int uniforms();

  /**
   * The parameters of the distribution, [B, P, H, W]; those of a channel may depend on the channels
   * of x before it.
   */
  Tensor outputs(TensorMap weights, Tensor features, Tensor x);

  /** log p in nats summed over the image, [B], of x under {@link #outputs}. */
  Tensor logProb(Tensor outputs, Tensor x);

  /**
   * Draws all channels of pixels, [B, K, H, W].
   *
   * @param uniform [B, uniforms, H, W]
   */
  Tensor sample(TensorMap weights, Tensor features, Tensor uniform, double temperature);

  /** About how many numbers a pixel holds at once. */
  long valuesPerPixel();

  /**
   * The index that a uniform number draws by the inverse of the distribution function: of weights
   * exp(logits) [.., n] and numbers [..] → [..].
   */
  static Tensor draw(Tensor logits, Tensor uniform) {
    int n = Math.toIntExact(logits.shape()[logits.shape().length - 1]);
    Tensor below = logits.logSoftmax(-1).exp().cumulativeSum().slice(-1, 0, n - 1L); // P(≤ m)
    // The index is the number of m with P(≤ m) ≤ u; the last is left out, as it may round below 1.
    return below.greater(uniform.expandDims(-1)).sum(-1).neg().add(n - 1);
  }
}
