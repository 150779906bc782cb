package dev.ancestral.model.emission;

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
  EmissionSampler sampler(double temperature);
}
