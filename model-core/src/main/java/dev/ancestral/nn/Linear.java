package dev.ancestral.nn;

import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.ParameterLayout.Initializer;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;

/**
 * h W + b: [N, in] → [N, out].
 *
 * <p>Parameters: {@code name.weight} [in, out], {@code name.bias} [out], which starts at zero.
 *
 * @param name of the layer
 * @param in numbers a row that enter
 * @param out numbers a row that leave
 * @param initial how the weight starts
 */
public record Linear(String name, long in, long out, Initializer initial) {

  /** A layer whose weight starts by Glorot, for outputs that no rectifier follows. */
  public static Linear glorot(String name, long in, long out) {
    return new Linear(name, in, out, Initializer.glorot(in, out));
  }

  /** Appends the parameters. */
  public void declare(ParameterLayout.Builder layout) {
    layout.add(name + ".weight", initial, in, out);
    layout.add(name + ".bias", Initializer.zeros(), out);
  }

  public Tensor apply(TensorMap weights, Tensor h) {
    return h.matmul(weights.get(name + ".weight")).add(weights.get(name + ".bias"));
  }
}
