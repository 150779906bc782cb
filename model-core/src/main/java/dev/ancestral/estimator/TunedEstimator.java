package dev.ancestral.estimator;

import dev.ancestral.model.Batch;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.random.RandomKey;

/**
 * An estimator with a number that is chosen on the split {@code valid} where it is not given: the
 * candidate under which those examples are most probable.
 */
public interface TunedEstimator extends Estimator {

  /** The setting that gives the number. */
  Setting tuned();

  /** What the number is, in messages: {@code the bandwidth of a kernel density}. */
  String meaning();

  /** Whether the number is still to be chosen. */
  boolean isOpen();

  /** The candidates for this model; the same on each call. */
  double[] candidates(GenerativeModel model);

  /**
   * Scores with each candidate, [candidates][B]: larger ones are better.
   *
   * @param key example id uses {@code key.fold(id)}
   */
  double[][] scores(GenerativeModel model, Batch batch, RandomKey key, double[] candidates);

  /** The same with the number that was chosen. */
  TunedEstimator with(double chosen);
}
