package dev.ancestral.distribution;

import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.Tensor;

/**
 * A distribution of one element, or of the few that belong together (the channels of a pixel),
 * given by P numbers that a network puts out.
 *
 * <p>Shapes: parameters [.., P], values [.., E] for E elements that belong together, noise [.., U],
 * log-probabilities [..]. An axis whose size is 1 by definition is left out: a Bernoulli's logits
 * have the shape of its values.
 *
 * <p>Laws: the probabilities of all values sum (or integrate) to 1, and {@link #sample} at
 * temperature 1 draws from what {@link #logProb} scores. Both are pure functions: randomness is an
 * input, drawn for each example from its own key.
 */
public interface Distribution {

  /** P, how many numbers describe the elements that belong together. */
  int parametersPerElement();

  /** U, how many random numbers a draw takes: uniform on [0, 1) unless the class says otherwise. */
  default int noisePerElement() {
    return 1;
  }

  /**
   * log p(x) in nats, [..]; differentiable in the parameters.
   *
   * @param parameters [.., P]
   * @param x values, [.., E], in the units of the event
   */
  Tensor logProb(Tensor parameters, Tensor x);

  /**
   * A draw, [.., E], in the units of the event.
   *
   * @param parameters [.., P]
   * @param noise [.., U]
   * @param temperature above 0; divides logits and multiplies scales and variances, 1 changes
   *     nothing
   */
  Tensor sample(Tensor parameters, Tensor noise, double temperature);

  /**
   * The same distribution for a loop of many draws: constants that a draw needs are made once.
   *
   * @param engine of the parameters; the constants live as long as the scope of this call
   */
  default Distribution forManyDraws(Engine engine) {
    return this;
  }
}
