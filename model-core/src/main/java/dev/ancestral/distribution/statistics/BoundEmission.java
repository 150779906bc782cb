package dev.ancestral.distribution.statistics;

import dev.ancestral.random.RandomKey;

/** Distributions p(x | k) with their parameters. */
public interface BoundEmission {

  /**
   * log p(x | k) in nats of each row under each state; −∞ where the row is impossible, never NaN.
   *
   * @param x rows of D elements, the first at {@code offset}
   * @param into [rows, K], or more rows
   */
  void logProb(float[] x, int offset, int rows, double[][] into);

  /**
   * Draws rows from these distributions.
   *
   * @param temperature divides the logits of discrete elements; real ones keep their distribution
   */
  Sampler sampler(double temperature);

  /** Draws a row given its state. */
  @FunctionalInterface
  interface Sampler {

    /**
     * Writes D elements.
     *
     * @param key whose draws {@code first} to {@code first + D − 1} are used, one an element
     */
    void sample(int state, RandomKey key, long first, float[] into, int offset);
  }
}
