package dev.ancestral.nn;

import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.ParameterLayout.Initializer;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;

/**
 * The transpose of a convolution, which enlarges images: [B, I, H, W] → [B, O, H', W'] with H' = (H
 * − 1) stride − 2 pad + kernel.
 *
 * <p>Parameters: {@code name.weight} [I, O, kernel, kernel] and {@code name.bias} [O, 1, 1], which
 * starts at zero. The weight starts by He with the fan-in I kernel² / stride²: so many taps meet in
 * an output.
 *
 * @param name of the layer
 * @param in I, channels that enter
 * @param out O, channels that leave
 * @param kernel side of the kernel
 * @param stride by which the sides grow
 * @param pad rows and columns that are cut off at each side
 */
public record ConvTranspose2d(String name, int in, int out, int kernel, int stride, int pad) {

  /** Appends the parameters. */
  public void declare(ParameterLayout.Builder layout) {
    long fanIn = (long) in * kernel * kernel / ((long) stride * stride);
    layout.add(name + ".weight", Initializer.he(fanIn), in, out, kernel, kernel);
    layout.add(name + ".bias", Initializer.zeros(), out, 1, 1);
  }

  public Tensor apply(TensorMap weights, Tensor x) {
    return Conv2d.biased(
        weights, name, x.convTranspose2d(weights.get(name + ".weight"), stride, pad));
  }
}
