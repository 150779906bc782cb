package dev.ancestral.estimator;

import dev.ancestral.model.GenerativeModel;
import dev.ancestral.random.RandomKey;

/**
 * An estimator that can bound log p(x) from both sides on examples that are simulated by the model.
 * The mean difference of the bounds is reported as {@link Diagnostic#BDMC_GAP_NATS}.
 */
public interface EnclosingEstimator extends Estimator {

  /** How many examples; its diagnostics depend on it and its scores do not. */
  Setting SIMULATED =
      Setting.whole(
          "simulated",
          "N",
          0,
          100_000,
          "Simulated examples on which the gap of ais between a lower and an upper bound is",
          "measured (default: 16; 0: not measured).");

  /** Examples that are simulated; 0 where the difference is not measured. */
  int simulated();

  /**
   * Upper minus lower bound in nats for each simulated example, [B].
   *
   * @param ids names of the examples
   */
  double[] gaps(GenerativeModel model, long[] ids, RandomKey key);
}
