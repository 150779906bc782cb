package dev.ancestral.likelihood.twosample;

import dev.ancestral.random.RandomKey;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;

/**
 * The permutation test of a statistic that grows as two samples differ.
 *
 * @param pooled size of both samples together; rows 0 to first − 1 are the first one
 * @param first size of the first one
 * @param count P, random relabellings
 * @param key of them
 */
record Relabelling(int pooled, int first, int count, RandomKey key) {
  // Sums over the same rows in another order differ in their last digits.
  private static final double TIE = 1e-9;

  Relabelling {
    if (first < 2 || pooled - first < 2 || count < 1) {
      throw new IllegalArgumentException(
          "samples of "
              + first
              + " and "
              + (pooled - first)
              + " with "
              + count
              + " relabellings; a comparison takes at least 2 of each and 1");
    }
  }

  /** The rows of the first sample as they are. */
  int[] asObserved() {
    int[] rows = new int[first];
    Arrays.setAll(rows, i -> i);
    return rows;
  }

  /** The statistic under each relabelling, [P]. */
  double[] distribution(ToDoubleFunction<int[]> statistic) {
    double[] values = new double[count];
    for (int p = 0; p < count; p++) {
      int[] members = Arrays.copyOf(key.fold(p).permutation(pooled), first);
      // Ascending, so that equal sets give equal sums and memory is walked forward.
      Arrays.sort(members);
      values[p] = statistic.applyAsDouble(members);
    }
    return values;
  }

  /** (1 + how many are at least as large) / (1 + P) (Phipson &amp; Smyth 2010). */
  static double pValue(double observed, double[] distribution) {
    double least = observed - TIE * Math.abs(observed);
    long asLarge = Arrays.stream(distribution).filter(value -> value >= least).count();
    return (1.0 + asLarge) / (1 + distribution.length);
  }
}
