package dev.ancestral.job.score;

import dev.ancestral.model.Batch;

/**
 * 64 bits of the elements of an example, for keys that depend on what an example is and not on
 * where it lies. Equal examples have equal hashes, zeros of either sign and all NaN being equal.
 *
 * <p>The mixing function is the finalizer of SplitMix64 (Steele, Lea &amp; Flood 2014, figure 16,
 * variant 13 of Stafford).
 */
final class ContentHash {
  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  private ContentHash() {}

  /** Of each example of a batch, [B]. */
  static long[] of(Batch x) {
    long[] hashes = new long[x.size()];
    int stride = x.steps() * x.event().size();
    for (int i = 0; i < hashes.length; i++) {
      hashes[i] = of(x.values(), i * stride, Math.toIntExact(x.elements(i)));
    }
    return hashes;
  }

  private static long of(float[] values, int from, int count) {
    long hash = mix(count);
    for (int i = from; i < from + count; i++) {
      hash = mix((hash + GOLDEN) ^ Float.floatToIntBits(values[i] + 0f));
    }
    return hash;
  }

  private static long mix(long bits) {
    long mixed = bits;
    mixed = (mixed ^ (mixed >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }
}
