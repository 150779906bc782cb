package dev.ancestral.model;

import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.NamedArrays;
import java.util.OptionalDouble;

/**
 * A definition that learns from mergeable sufficient statistics: in one pass, or in several (EM).
 *
 * <p>The statistics are one float64 vector that begins with zeros; the job merges the vectors of
 * shards in the order of the shards, so the result has the same bytes for any partitioning.
 */
public non-sealed interface StatisticsModel extends Definition {

  /** Length of the vector of statistics. */
  int statisticsSize();

  /** How many passes over the data a fit takes at most: 1 in closed form, more for EM. */
  int iterations();

  /** How many fits with different starting points are made, of which the best is kept. */
  int restarts();

  /** The parameters before the first pass; in closed form they only have the right shapes. */
  NamedArrays initial(RandomKey key);

  /**
   * Adds the statistics of a batch under the current parameters (the E-step).
   *
   * <p>Law: examples are added one after the other, so how they are cut into batches changes no
   * bit.
   */
  void accumulate(NamedArrays parameters, Batch batch, double[] statistics);

  /**
   * Adds statistics to others of the same pass: by default element by element.
   *
   * <p>Law: up to rounding, what comes of it is what all examples together would have given; zeros
   * change nothing.
   */
  default void merge(double[] from, double[] into) {
    for (int i = 0; i < into.length; i++) {
      into[i] += from[i];
    }
  }

  /** The parameters that the statistics of all examples imply (the M-step). */
  NamedArrays maximize(double[] statistics);

  /**
   * Σ log p(x) in nats under the parameters that the statistics were accumulated with; empty where
   * the pass does not know it: in closed form, or when it only looked for starting points.
   */
  OptionalDouble logLikelihood(double[] statistics);

  /**
   * The distribution with these parameters.
   *
   * @throws dev.ancestral.AncestralException (MISMATCH) if an array is missing, has another shape
   *     or is no probability
   */
  ExactModel bind(NamedArrays parameters);
}
