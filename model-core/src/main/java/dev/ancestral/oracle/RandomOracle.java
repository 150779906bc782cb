package dev.ancestral.oracle;

import dev.ancestral.likelihood.Moments;
import dev.ancestral.random.RandomKey;
import java.util.Arrays;
import java.util.List;

/**
 * The random numbers: a published block of Philox4x32-10, one law for draws of every kind from the
 * same bits, and the moments and frequencies of draws.
 */
record RandomOracle() implements Oracle {
  private static final String SUBJECT = "random numbers";
  // Known answer for key 0 and counter 0 (Salmon et al. 2011, Random123 kat_vectors).
  private static final long LOW = 0xe169c58d6627e8d5L;
  private static final long HIGH = 0x9b00dbd8bc57ac4cL;
  private static final int DRAWS = 200_000;
  private static final int ORDERS = 24_000;

  @Override
  public List<Verdict> verdicts() {
    RandomKey zero = RandomKey.of(0);
    int wrongBits = Long.bitCount(zero.bits(0) ^ LOW) + Long.bitCount(zero.bits(1) ^ HIGH);
    float[] normal = new float[DRAWS];
    float[] uniform = new float[DRAWS];
    double[] fine = new double[DRAWS];
    RandomKey key = RandomKey.of(41);
    key.fillNormal(0, normal, 0, DRAWS);
    key.fillUniform(0, uniform, 0, DRAWS);
    key.fillUniform(0, fine, 0, DRAWS);
    Moments ofNormal = new Moments();
    Moments ofSquares = new Moments();
    Moments ofUniform = new Moments();
    Moments ofProducts = new Moments();
    double worst = 0;
    for (int i = 0; i < DRAWS; i++) {
      ofNormal.add(normal[i]);
      ofSquares.add((double) normal[i] * normal[i]);
      ofUniform.add(fine[i]);
      // Draws of a key and of one derived from it do not move together.
      ofProducts.add((fine[i] - 0.5) * (key.fold(i).uniform(0) - 0.5));
      // Draw i of either kind is made from the same 32 bits; a uniform one keeps 24 of them.
      worst = Math.max(worst, Math.abs(Normal.cumulative(normal[i]) - uniform[i] - 0x1p-25));
    }
    return new Laws(SUBJECT)
        .equal("wrong bits in the known answer of Philox", 0, wrongBits, 0)
        .equal("distribution function of normal draws is uniform", 0, worst, 0x1p-23)
        .mean("mean of normal draws", 0, ofNormal)
        .mean("mean of squared normal draws", 1, ofSquares)
        .mean("mean of uniform draws", 0.5, ofUniform)
        .mean("covariance of draws of a key and its derived keys", 0, ofProducts)
        .equal("whole numbers below 7 (chi-square, z)", 0, wholeNumbers(), Frequencies.DEVIATIONS)
        .equal("orders of 4 things (chi-square, z)", 0, orders(), Frequencies.DEVIATIONS)
        .verdicts();
  }

  private static double wholeNumbers() {
    long[] counts = new long[7];
    RandomKey key = RandomKey.of(42);
    for (int i = 0; i < DRAWS; i++) {
      counts[(int) key.below(i, counts.length)]++;
    }
    return Frequencies.deviations(counts, even(counts.length));
  }

  private static double orders() {
    long[] counts = new long[256];
    RandomKey key = RandomKey.of(43);
    double[] probabilities = new double[counts.length];
    for (int i = 0; i < ORDERS; i++) {
      int[] order = key.fold(i).permutation(4);
      int number = ((order[0] * 4 + order[1]) * 4 + order[2]) * 4 + order[3];
      counts[number]++;
      boolean proper = Arrays.stream(order).distinct().count() == 4;
      probabilities[number] = proper ? 1 / 24.0 : 0;
    }
    return Frequencies.deviations(counts, probabilities);
  }

  private static double[] even(int cells) {
    double[] probabilities = new double[cells];
    Arrays.fill(probabilities, 1.0 / cells);
    return probabilities;
  }
}
