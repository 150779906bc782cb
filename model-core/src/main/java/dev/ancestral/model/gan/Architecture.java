package dev.ancestral.model.gan;

import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;

/**
 * The two networks of a game over examples of D elements, with latents of L numbers.
 *
 * <p>Law: rows do not know of each other, so a player's gradient is a sum over examples and no
 * result depends on who shares a batch with whom. That rules batch normalization out.
 */
sealed interface Architecture permits Perceptrons, Convolutions {
  /** Slope below zero of the leaky rectifiers (Radford et al. 2016, section 3). */
  double SLOPE = 0.2;

  /** The start of all names of the generator's parameters. */
  String GENERATOR = "generator.";

  /** The start of all names of the discriminator's parameters. */
  String DISCRIMINATOR = "discriminator.";

  /** Appends the generator's parameters, then the discriminator's. */
  void addParameters(ParameterLayout.Builder layout);

  /** [N, L] → [N, D], before the output is squashed. */
  Tensor generate(TensorMap weights, Tensor z);

  /** [N, D] in the discriminator's units → logits [N]. */
  Tensor discriminate(TensorMap weights, Tensor y);

  /** About how many numbers both hold at once for one example. */
  long valuesPerExample();

  /** h W + b, [N, in] → [N, out]. */
  static Tensor linear(TensorMap weights, String name, Tensor h) {
    return h.matmul(weights.get(name + ".weight")).add(weights.get(name + ".bias"));
  }

  /** The parameters of {@link #linear}. */
  static void addLinear(
      ParameterLayout.Builder layout,
      String name,
      ParameterLayout.Initializer initial,
      int in,
      int out) {
    layout.add(name + ".weight", initial, in, out);
    layout.add(name + ".bias", ParameterLayout.Initializer.zeros(), out);
  }
}
