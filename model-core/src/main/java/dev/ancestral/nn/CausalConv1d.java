package dev.ancestral.nn;

import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.ParameterLayout.Initializer;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;

/**
 * A causal dilated convolution over time as matrix products of shifted activations: y_t = Σ_k x_{t
 * − k dilation} W_k + b.
 *
 * <p>Activations are [N, C] in time-major order (step t of sequence b is row t B + b), so that a
 * shift in time is a range of rows and nothing is copied. The caller cuts the ranges, because it
 * knows what lies before the first step.
 *
 * <p>Parameters: {@code name.tap.0} to {@code name.tap.(kernel − 1)}, [in, out] each, and {@code
 * name.bias} [out], which starts at zero.
 *
 * @param name of the layer
 * @param in numbers a step that enter
 * @param out numbers a step that leave
 * @param kernel taps
 * @param dilation steps between two taps
 * @param initial how the taps start
 */
public record CausalConv1d(
    String name, long in, long out, int kernel, int dilation, Initializer initial) {

  /** Steps between the first and the last tap. */
  public int reach() {
    return (kernel - 1) * dilation;
  }

  /** Appends the parameters. */
  public void declare(ParameterLayout.Builder layout) {
    for (int k = 0; k < kernel; k++) {
      layout.add(tap(k), initial, in, out);
    }
    layout.add(name + ".bias", Initializer.zeros(), out);
  }

  /**
   * The sum over the taps, [N, out].
   *
   * @param shifted x_{t − k dilation} for each k, [N, in] each
   */
  public Tensor apply(TensorMap weights, Tensor[] shifted) {
    Tensor z = shifted[0].matmul(weights.get(tap(0))); // [N, out]
    for (int k = 1; k < kernel; k++) {
      z = z.add(shifted[k].matmul(weights.get(tap(k)))); // [N, out]
    }
    return z.add(weights.get(name + ".bias")); // [N, out]
  }

  private String tap(int k) {
    return name + ".tap." + k;
  }
}
