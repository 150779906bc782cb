package dev.ancestral.random;

/**
 * A key of a counter-based random function: the same key always gives the same numbers, and keys
 * are derived, never advanced.
 *
 * <p>Draw number i of a key is a pure function of (key, i), so a draw depends on neither the size
 * of the batch it was made in nor on what was drawn before. {@link #fold} derives an independent
 * key for a purpose, an epoch, an example: {@code
 * RandomKey.of(seed).fold(Purpose.NOISE).fold(epoch).fold(exampleId)}.
 */
public final class RandomKey {
  private final long high;
  private final long low;

  private RandomKey(long high, long low) {
    this.high = high;
    this.low = low;
  }

  /** The root key of a seed. */
  public static RandomKey of(long seed) {
    return new RandomKey(0, seed);
  }

  /** The key derived by a number; different numbers give independent keys. */
  public RandomKey fold(long data) {
    throw new UnsupportedOperationException(high + ":" + low + ":" + data);
  }

  /** Fills with uniform draws in [0, 1): element k is draw number {@code first + k}. */
  public void fillUniform(long first, float[] into, int offset, int count) {
    throw new UnsupportedOperationException();
  }

  /** Fills with standard normal draws: element k is draw number {@code first + k}. */
  public void fillNormal(long first, float[] into, int offset, int count) {
    throw new UnsupportedOperationException();
  }
}
