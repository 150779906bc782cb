package dev.ancestral.distribution.statistics;

import dev.ancestral.random.RandomKey;

/** Distributions p(value | k) of a column with their parameters; values are never null here. */
sealed interface BoundColumn permits BoundCounts, BoundNormal {

  /**
   * log p(value | k) in nats, [K], not to be written to; null where {@link #add} has to make it.
   *
   * @param at where the elements of the value begin
   */
  double[] row(float[] x, int at);

  /** Adds log p(value | k) to {@code into}, [K]. */
  void add(float[] x, int at, double[] into);

  /**
   * 1 / p(value | k), [K], where it is known beforehand and none is above e³⁰⁰; else null. Not to
   * be written to.
   */
  double[] inverse(float[] x, int at);

  /** How probable the values are that may be drawn, [K]. */
  double[] drawable();

  /** Draws those values. */
  Sampler sampler(double temperature);

  /** Writes the elements of the most probable value that may be drawn. */
  void mode(int state, float[] into, int at);

  /** Draws a value given its state. */
  @FunctionalInterface
  interface Sampler {
    /**
     * Writes the elements of a value.
     *
     * @param outcomes whose draw number {@code index} chooses the outcome, or is the normal number
     * @param within whose draw number {@code index} chooses the value among those of a bin
     */
    void sample(int state, RandomKey outcomes, RandomKey within, long index, float[] into, int at);
  }
}
