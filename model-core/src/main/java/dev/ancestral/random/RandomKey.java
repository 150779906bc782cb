package dev.ancestral.random;

import java.io.Serializable;

/**
 * A key of a counter-based random function: the same key always gives the same numbers, and keys
 * are derived, never advanced.
 *
 * <p>Draw number i of a key is a pure function of (key, i), so a draw depends on neither the size
 * of the batch it was made in nor on what was drawn before. {@link #fold} derives an independent
 * key for a purpose, an epoch, an example: {@code RandomKey.of(seed).fold(epoch).fold(exampleId)}.
 * The function is Philox4x32-10: 64 bits of the key are its key, 64 the upper half of its counter,
 * the index of the draw the lower half.
 */
public final class RandomKey implements Serializable {
  private static final long serialVersionUID = 1L;
  // Derivation by numbers, derivation by names and draws must never share a block.
  private static final long DERIVE = 0x9E3779B97F4A7C15L;
  private static final long DERIVE_NAME = 0xD1B54A32D192ED03L;
  private static final double TWO_TO_MINUS_24 = 0x1p-24;
  private static final double TWO_TO_MINUS_32 = 0x1p-32;
  private static final double TWO_TO_MINUS_52 = 0x1p-52;
  private static final double TWO_TO_MINUS_53 = 0x1p-53;

  private final long key;
  private final long stream;

  private RandomKey(long key, long stream) {
    this.key = key;
    this.stream = stream;
  }

  /** The root key of a seed. */
  public static RandomKey of(long seed) {
    return new RandomKey(seed, 0);
  }

  /** The key derived by a number; different numbers give independent keys. */
  public RandomKey fold(long data) {
    return derived(DERIVE, data);
  }

  /** The key derived by a name, for purposes. */
  public RandomKey fold(String name) {
    RandomKey derived = derived(DERIVE_NAME, name.length());
    for (int i = 0; i < name.length(); i++) {
      derived = derived.derived(DERIVE_NAME, name.charAt(i));
    }
    return derived;
  }

  private RandomKey derived(long how, long data) {
    int[] block = new int[4];
    Philox.block(key ^ how, data, stream, block);
    return new RandomKey(join(block[0], block[1]), join(block[2], block[3]));
  }

  /** 64 random bits: draw number {@code index}. */
  public long bits(long index) {
    int[] block = new int[4];
    Philox.block(key, index >>> 1, stream, block);
    int half = (int) (index & 1) << 1;
    return join(block[half], block[half + 1]);
  }

  /** A uniform draw in [0, 1) with 53 bits: draw number {@code index}. */
  public double uniform(long index) {
    return (bits(index) >>> 11) * TWO_TO_MINUS_53;
  }

  /** A standard normal draw from 52 bits: draw number {@code index}. */
  public double normal(long index) {
    return NormalQuantile.of(((bits(index) >>> 12) + 0.5) * TWO_TO_MINUS_52);
  }

  /** A uniform whole number in [0, bound): draw number {@code index}; bias below bound / 2^63. */
  public long below(long index, long bound) {
    if (bound < 1 || bound > 1L << 62) {
      throw new IllegalArgumentException("bound is " + bound + "; it must be from 1 to 2^62");
    }
    // ⌊u · bound⌋ with u = (63 bits) / 2^63.
    return Math.multiplyHigh(bits(index) >>> 1, bound << 1);
  }

  /** Fills with what {@link #uniform} gives: element k is draw number {@code first + k}. */
  public void fillUniform(long first, double[] into, int offset, int count) {
    int[] block = new int[4];
    for (int k = 0; k < count; k++) {
      long index = first + k;
      int half = (int) (index & 1) << 1;
      if (k == 0 || half == 0) {
        Philox.block(key, index >>> 1, stream, block);
      }
      into[offset + k] = (join(block[half], block[half + 1]) >>> 11) * TWO_TO_MINUS_53;
    }
  }

  /** Fills with uniform draws in [0, 1): element k is draw number {@code first + k}. */
  public void fillUniform(long first, float[] into, int offset, int count) {
    int[] block = new int[4];
    for (int k = 0; k < count; k++) {
      long index = first + k;
      int lane = (int) (index & 3);
      if (k == 0 || lane == 0) {
        Philox.block(key, index >>> 2, stream, block);
      }
      into[offset + k] = (float) ((block[lane] >>> 8) * TWO_TO_MINUS_24);
    }
  }

  /** Fills with standard normal draws: element k is draw number {@code first + k}. */
  public void fillNormal(long first, float[] into, int offset, int count) {
    int[] block = new int[4];
    for (int k = 0; k < count; k++) {
      long index = first + k;
      int lane = (int) (index & 3);
      if (k == 0 || lane == 0) {
        Philox.block(key, index >>> 2, stream, block);
      }
      double p = ((block[lane] & 0xFFFFFFFFL) + 0.5) * TWO_TO_MINUS_32;
      into[offset + k] = (float) NormalQuantile.of(p);
    }
  }

  /** A random order of 0 to n − 1, every order equally likely (Fisher and Yates). */
  public int[] permutation(int n) {
    int[] order = new int[n];
    for (int i = 0; i < n; i++) {
      order[i] = i;
    }
    for (int i = n - 1; i > 0; i--) {
      int j = (int) below(i, i + 1L);
      int swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }

  private static long join(int low, int high) {
    return (low & 0xFFFFFFFFL) | ((long) high << 32);
  }
}
