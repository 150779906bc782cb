package dev.ancestral.nn;

import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import java.util.ArrayList;
import java.util.List;

/**
 * A perceptron: linear layers with an activation after each but the last, [N, in] → [N, out].
 * Without hidden layers it is linear.
 *
 * <p>Parameters: those of the {@link Linear} layers {@code name.0}, {@code name.1}, ... and {@code
 * name.last}.
 *
 * @param hidden the layers that an activation follows
 * @param output the last layer
 * @param activation after each hidden layer
 */
public record Mlp(List<Linear> hidden, Linear output, Activation activation) {
  public Mlp {
    hidden = List.copyOf(hidden);
  }

  /**
   * A perceptron whose hidden layers start as suits the activation, and whose last by Glorot.
   *
   * @param name the start of all parameters' names
   * @param in numbers a row that enter
   * @param widths of the hidden layers
   * @param last the last layer's name after {@code name}
   * @param out numbers a row that leave
   */
  public static Mlp of(
      String name, int in, List<Integer> widths, Activation activation, String last, int out) {
    List<Linear> hidden = new ArrayList<>();
    int width = in;
    for (int next : widths) {
      hidden.add(
          new Linear(name + "." + hidden.size(), width, next, activation.initializer(width, next)));
      width = next;
    }
    return new Mlp(hidden, Linear.glorot(name + "." + last, width, out), activation);
  }

  /** Appends the parameters, from the input to the output. */
  public void declare(ParameterLayout.Builder layout) {
    hidden.forEach(layer -> layer.declare(layout));
    output.declare(layout);
  }

  public Tensor apply(TensorMap weights, Tensor input) {
    Tensor h = input; // [N, in]
    for (Linear layer : hidden) {
      h = activation.apply(layer.apply(weights, h)); // [N, width]
    }
    return output.apply(weights, h); // [N, out]
  }
}
