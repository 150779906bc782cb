package dev.ancestral.optimize;

import dev.ancestral.tensor.FlatVector;
import java.util.List;

/**
 * Adam (Kingma &amp; Ba 2015, algorithm 1) with decoupled weight decay (AdamW; Loshchilov &amp;
 * Hutter 2019, algorithm 2): a step first shrinks the parameters by (1 − η λ), where η is the
 * scheduled learning rate.
 *
 * @param beta1 decay of the mean of gradients
 * @param beta2 decay of the mean of squared gradients
 * @param epsilon added to the root
 * @param weightDecay λ; 0 is plain Adam
 */
public record Adam(double beta1, double beta2, double epsilon, double weightDecay)
    implements Optimizer {

  public Adam {
    if (!(beta1 >= 0 && beta1 < 1 && beta2 >= 0 && beta2 < 1 && epsilon >= 0 && weightDecay >= 0)) {
      throw new IllegalArgumentException(
          "beta1 and beta2 must be from 0 to below 1, epsilon and weightDecay at least 0; they are "
              + List.of(beta1, beta2, epsilon, weightDecay));
    }
  }

  /** β₁ = 0.9, β₂ = 0.999, ε = 1e-8, no weight decay. */
  public static Adam standard() {
    return new Adam(0.9, 0.999, 1e-8, 0);
  }

  @Override
  public int moments() {
    return 2;
  }

  @Override
  public void step(
      FlatVector values,
      FlatVector gradient,
      List<FlatVector> moments,
      long step,
      double learningRate) {
    values.adam(
        gradient,
        moments.get(0),
        moments.get(1),
        new FlatVector.AdamStep(learningRate, beta1, beta2, epsilon, weightDecay, step));
  }

  /**
   * √batches: the mean of squares that Adam divides by the root of is that much smaller, as long as
   * it is noise that is squared (Malladi et al. 2022, the square-root scaling rule).
   */
  @Override
  public double gain(int batches) {
    return Math.sqrt(batches);
  }
}
