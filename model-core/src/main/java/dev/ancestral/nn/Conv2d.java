package dev.ancestral.nn;

import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.ParameterLayout.Initializer;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;

/**
 * A convolution of images (cross-correlation): [B, I, H, W] → [B, O, H', W'], zeros around.
 *
 * <p>Where an output may depend on pixels before it alone, the caller pads and crops the image
 * above and to the left, so that no product with a masked zero is computed.
 *
 * <p>Parameters: {@code name.weight} [O, I, height, width] and, where it is declared, {@code
 * name.bias} [O] or [O, 1, 1], which starts at zero.
 *
 * @param name of the layer
 * @param in I, channels that enter
 * @param out O, channels that leave
 * @param height of the kernel
 * @param width of the kernel
 * @param stride between two places of the kernel
 * @param initial how the weight starts
 */
public record Conv2d(
    String name, int in, int out, int height, int width, int stride, Initializer initial) {

  /** A convolution that visits every pixel and starts by Glorot with O as its fan-out. */
  public static Conv2d dense(String name, int in, int out, int height, int width) {
    long fanIn = (long) in * height * width;
    return new Conv2d(name, in, out, height, width, 1, Initializer.glorot(fanIn, out));
  }

  /** Appends the weight and a bias [O]. */
  public void declare(ParameterLayout.Builder layout) {
    declareWeight(layout);
    layout.add(name + ".bias", Initializer.zeros(), out);
  }

  /** Appends the weight and a bias [O, 1, 1]. */
  public void declareWithImageBias(ParameterLayout.Builder layout) {
    declareWeight(layout);
    layout.add(name + ".bias", Initializer.zeros(), out, 1, 1);
  }

  /** Appends the weight alone, for {@link #convolve}. */
  public void declareWeight(ParameterLayout.Builder layout) {
    layout.add(name + ".weight", initial, out, in, height, width);
  }

  /**
   * The convolution and the bias.
   *
   * @param padY zeros above and below
   * @param padX zeros to the left and to the right
   */
  public Tensor apply(TensorMap weights, Tensor x, int padY, int padX) {
    return biased(weights, name, convolve(weights, x, padY, padX));
  }

  /** The convolution without a bias. */
  public Tensor convolve(TensorMap weights, Tensor x, int padY, int padX) {
    return x.conv2d(weights.get(name + ".weight"), stride, padY, padX);
  }

  /** Adds {@code name.bias} to each channel of z [B, O, H, W]. */
  public static Tensor biased(TensorMap weights, String name, Tensor z) {
    return z.add(weights.get(name + ".bias").reshape(1, -1, 1, 1));
  }
}
