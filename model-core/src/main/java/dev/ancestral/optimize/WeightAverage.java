package dev.ancestral.optimize;

import dev.ancestral.tensor.FlatVector;

/**
 * An exponential moving average of the weights: a ← d a + (1 − d) θ with d = min(decay, (1 + t) /
 * (10 + t)), so that the starting values are soon forgotten.
 *
 * @param decay of the old average in a step, below 1; 0 keeps no average
 */
public record WeightAverage(double decay) {

  public WeightAverage {
    if (!(decay >= 0 && decay < 1)) {
      throw new IllegalArgumentException("decay is " + decay + "; it must be from 0 to below 1");
    }
  }

  public boolean enabled() {
    return decay > 0;
  }

  /**
   * Moves the average towards the weights after a step.
   *
   * @param step number t of the step, from 1
   */
  public void update(FlatVector average, FlatVector values, long step) {
    average.decayTowards(values, Math.min(decay, (1.0 + step) / (10.0 + step)));
  }
}
