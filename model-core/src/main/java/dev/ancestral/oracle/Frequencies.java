package dev.ancestral.oracle;

import dev.ancestral.model.Batch;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.random.RandomKey;
import java.util.Arrays;
import java.util.stream.LongStream;

/** Compares how often a model draws each event with what it should. */
final class Frequencies {
  private static final int BATCH = 1000;
  private static final double LEAST_EXPECTED = 5;
  static final double DEVIATIONS = 5;

  private Frequencies() {}

  /**
   * Pearson's χ² of the draws as a number of standard deviations, (χ² − k) / √(2k) with k degrees
   * of freedom; events expected less than five times count as one.
   *
   * @param given a condition, for the table; empty for none
   */
  static Verdict verdict(
      String subject,
      String given,
      GenerativeModel model,
      EnumeratedEvents events,
      double[] probabilities,
      SampleRequest request,
      int draws) {
    long[] counts = new long[events.count()];
    RandomKey key = RandomKey.of(17);
    for (int first = 0; first < draws; first += BATCH) {
      Batch batch = model.sample(LongStream.range(first, first + BATCH).toArray(), key, request);
      for (int i = 0; i < batch.size(); i++) {
        counts[events.number(batch, i)]++;
      }
    }
    return new Verdict(
        subject,
        "draws have the probabilities of the scorer" + given + " (chi-square, z)",
        0,
        deviations(counts, probabilities),
        DEVIATIONS);
  }

  /** Pearson's statistic of counts, in standard deviations from its mean. */
  static double deviations(long[] counts, double[] probabilities) {
    double draws = Arrays.stream(counts).sum();
    double statistic = 0;
    double rare = 0;
    double rareCount = 0;
    int cells = 0;
    for (int event = 0; event < counts.length; event++) {
      double expected = draws * probabilities[event];
      if (expected == 0 && counts[event] > 0) {
        return Double.POSITIVE_INFINITY; // what is impossible was drawn
      }
      if (expected < LEAST_EXPECTED) {
        rare += expected;
        rareCount += counts[event];
      } else {
        statistic += square(counts[event] - expected) / expected;
        cells++;
      }
    }
    if (rare >= LEAST_EXPECTED) {
      statistic += square(rareCount - rare) / rare;
      cells++;
    }
    int freedom = cells - 1;
    return (statistic - freedom) / Math.sqrt(2.0 * freedom);
  }

  private static double square(double x) {
    return x * x;
  }
}
