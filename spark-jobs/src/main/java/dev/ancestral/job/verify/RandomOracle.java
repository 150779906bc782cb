package dev.ancestral.job.verify;

import dev.ancestral.likelihood.Moments;
import dev.ancestral.random.RandomKey;
import java.util.List;

/** The random numbers: a published block of Philox4x32-10, and the moments of normal draws. */
record RandomOracle() implements Oracle {
  // Known answer for key 0 and counter 0 (Salmon et al. 2011, Random123 kat_vectors).
  private static final long LOW = 0xe169c58d6627e8d5L;
  private static final long HIGH = 0x9b00dbd8bc57ac4cL;
  private static final int DRAWS = 200_000;

  @Override
  public List<Verdict> verdicts() {
    RandomKey zero = RandomKey.of(0);
    int wrongBits = Long.bitCount(zero.bits(0) ^ LOW) + Long.bitCount(zero.bits(1) ^ HIGH);
    float[] normal = new float[DRAWS];
    RandomKey.of(41).fillNormal(0, normal, 0, DRAWS);
    Moments moments = new Moments();
    for (float draw : normal) {
      moments.add(draw);
    }
    double error = 1 / Math.sqrt(DRAWS);
    return List.of(
        new Verdict("random numbers", "wrong bits in the known answer of Philox", 0, wrongBits, 0),
        new Verdict("random numbers", "mean of normal draws", 0, moments.mean(), 5 * error),
        new Verdict(
            "random numbers",
            "variance of normal draws",
            1,
            moments.variance(),
            5 * Math.sqrt(2) * error));
  }
}
