package dev.ancestral.model.emission;

import dev.ancestral.random.RandomKey;

/** Draws a row given its state. */
@FunctionalInterface
public interface EmissionSampler {

  /**
   * Writes D elements.
   *
   * @param key whose draws {@code first} to {@code first + D − 1} are used, one an element
   */
  void sample(int state, RandomKey key, long first, float[] into, int offset);
}
