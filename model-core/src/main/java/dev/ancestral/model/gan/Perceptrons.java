package dev.ancestral.model.gan;

import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.ParameterLayout.Initializer;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Both networks as perceptrons with leaky rectifiers; the discriminator has the hidden layers of
 * the generator in reverse. Without hidden layers both are linear.
 *
 * @param elements D
 * @param latent L
 * @param hidden widths of the generator's hidden layers
 */
record Perceptrons(int elements, int latent, List<Integer> hidden) implements Architecture {

  @Override
  public void addParameters(ParameterLayout.Builder layout) {
    addPerceptron(layout, GENERATOR, latent, hidden, elements);
    List<Integer> reversed = new ArrayList<>(hidden);
    Collections.reverse(reversed);
    addPerceptron(layout, DISCRIMINATOR, elements, reversed, 1);
  }

  @Override
  public Tensor generate(TensorMap weights, Tensor z) {
    return perceptron(weights, GENERATOR, z); // [N, D]
  }

  @Override
  public Tensor discriminate(TensorMap weights, Tensor y) {
    return perceptron(weights, DISCRIMINATOR, y).reshape(-1); // [N]
  }

  @Override
  public long valuesPerExample() {
    return 8L * (elements + latent) + 8 * hidden.stream().mapToLong(Integer::longValue).sum();
  }

  private Tensor perceptron(TensorMap weights, String player, Tensor input) {
    Tensor h = input; // [N, in]
    for (int i = 0; i < hidden.size(); i++) {
      h = Architecture.linear(weights, player + i, h).leakyRelu(SLOPE); // [N, hidden_i]
    }
    return Architecture.linear(weights, player + "output", h); // [N, out]
  }

  private static void addPerceptron(
      ParameterLayout.Builder layout, String player, int in, List<Integer> widths, int out) {
    int width = in;
    for (int i = 0; i < widths.size(); i++) {
      Architecture.addLinear(layout, player + i, Initializer.he(width), width, widths.get(i));
      width = widths.get(i);
    }
    Architecture.addLinear(layout, player + "output", Initializer.glorot(width, out), width, out);
  }
}
