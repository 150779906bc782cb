package dev.ancestral.train;

import dev.ancestral.optimize.Schedule;
import java.io.Serializable;

/**
 * How a {@link TrainLoop} proceeds, the same for every replica.
 *
 * @param strategy what the replicas exchange
 * @param averagingFrequency steps between two averagings of the state
 * @param totalSteps length of the training, for the schedule and the last averaging
 * @param schedule factor of the learning rates by step
 * @param clipNorm largest global norm of a group's gradient; 0 for no limit
 * @param ema decay of the averaged weights; 0 keeps none
 */
public record TrainOptions(
    Strategy strategy,
    long averagingFrequency,
    long totalSteps,
    Schedule schedule,
    double clipNorm,
    double ema)
    implements Serializable {

  /** What the replicas exchange. */
  public enum Strategy {
    /** Local steps, then parameters and moments are averaged, weighted by examples. */
    PARAMETER_AVERAGING,
    /** Every step uses the gradient of all replicas' batches together. */
    GRADIENT_SHARING
  }

  public TrainOptions {
    if (averagingFrequency < 1) {
      throw new IllegalArgumentException(
          "averagingFrequency is " + averagingFrequency + "; it must be at least 1");
    }
  }

  /** Whether gradients are shared. */
  public boolean sharesGradients() {
    return strategy == Strategy.GRADIENT_SHARING;
  }

  /** The end of the steps that begin at a step and have no exchange between them. */
  public long nextExchange(long step) {
    return sharesGradients()
        ? step + 1
        : Math.min(totalSteps, (step / averagingFrequency + 1) * averagingFrequency);
  }

  /** Whether the state is averaged after a step. */
  public boolean averagesAfter(long step) {
    return !sharesGradients() && nextExchange(step) == step + 1;
  }
}
