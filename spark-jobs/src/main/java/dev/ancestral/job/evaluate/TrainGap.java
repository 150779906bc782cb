package dev.ancestral.job.evaluate;

import dev.ancestral.likelihood.Moments;

/**
 * How much more probable examples of {@code train} are than held-out ones: what the model has
 * learned of its training data that does not hold for others.
 *
 * @param examples of train that were scored
 * @param nats mean of log p(x) over them minus the mean over held-out examples, both by the same
 *     estimator
 * @param standardError of that difference: the examples are different ones, so the variances of
 *     both means add
 */
public record TrainGap(long examples, double nats, double standardError) {

  static TrainGap of(Moments train, Moments heldOut) {
    return new TrainGap(
        train.count(),
        train.mean() - heldOut.mean(),
        Math.hypot(train.standardError(), heldOut.standardError()));
  }
}
