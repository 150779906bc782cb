package dev.ancestral.model.gan;

import dev.ancestral.nn.Activation;
import dev.ancestral.nn.Mlp;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The two networks of a game over examples of D elements, with latents of L numbers.
 *
 * <p>Law: rows do not know of each other, so a player's gradient is a sum over examples and no
 * result depends on which examples share a batch. That rules batch normalization out.
 */
sealed interface Architecture permits Architecture.Perceptrons, Convolutions {
  /** The start of all names of the generator's parameters. */
  String GENERATOR = "generator.";

  /** The start of all names of the discriminator's parameters. */
  String DISCRIMINATOR = "discriminator.";

  /** Appends the generator's parameters, then the discriminator's. */
  void declare(ParameterLayout.Builder layout);

  /** [N, L] → [N, D], before the output is squashed. */
  Tensor generate(TensorMap weights, Tensor z);

  /** [N, D] in the discriminator's units → logits [N]. */
  Tensor discriminate(TensorMap weights, Tensor y);

  /** About how many numbers both hold at once for one example. */
  long valuesPerExample();

  /**
   * Both networks as perceptrons with leaky rectifiers; the discriminator has the hidden layers of
   * the generator in reverse. Without hidden layers both are linear.
   *
   * @param generator L → D
   * @param discriminator D → 1
   * @param valuesPerExample about how many numbers both hold at once for one example
   */
  record Perceptrons(Mlp generator, Mlp discriminator, long valuesPerExample)
      implements Architecture {

    /**
     * Networks of such sizes.
     *
     * @param elements D
     * @param latent L
     * @param hidden widths of the generator's hidden layers
     */
    static Perceptrons of(int elements, int latent, List<Integer> hidden) {
      List<Integer> reversed = new ArrayList<>(hidden);
      Collections.reverse(reversed);
      return new Perceptrons(
          Mlp.of("generator", latent, hidden, Activation.LEAKY_RELU, "output", elements),
          Mlp.of("discriminator", elements, reversed, Activation.LEAKY_RELU, "output", 1),
          8L * (elements + latent) + 8 * hidden.stream().mapToLong(Integer::longValue).sum());
    }

    @Override
    public void declare(ParameterLayout.Builder layout) {
      generator.declare(layout);
      discriminator.declare(layout);
    }

    @Override
    public Tensor generate(TensorMap weights, Tensor z) {
      return generator.apply(weights, z); // [N, D]
    }

    @Override
    public Tensor discriminate(TensorMap weights, Tensor y) {
      return discriminator.apply(weights, y).reshape(-1); // [N]
    }
  }
}
