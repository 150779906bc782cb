package dev.ancestral.optimize;

import dev.ancestral.tensor.FlatVector;
import java.io.Serializable;
import java.util.List;

/**
 * A rule that moves parameters along their gradient, downhill. It holds numbers only; its state is
 * the moments, which the caller keeps, commits and averages with the parameters.
 */
public sealed interface Optimizer extends Serializable permits Adam, Sgd {

  /** How many vectors of the size of the parameters it keeps; they start at zero. */
  int moments();

  /**
   * Takes one step in place.
   *
   * @param values the parameters
   * @param gradient of what is minimised; it may be overwritten
   * @param moments as many as {@link #moments()}
   * @param step number of this step, from 1
   * @param learningRate of this step, after the schedule
   */
  void step(
      FlatVector values,
      FlatVector gradient,
      List<FlatVector> moments,
      long step,
      double learningRate);

  /**
   * How much longer a step becomes when the gradient is the mean over this many independent batches
   * instead of one, where noise outweighs signal: what is missing in a step that a replica takes by
   * itself.
   */
  double gain(int batches);
}
