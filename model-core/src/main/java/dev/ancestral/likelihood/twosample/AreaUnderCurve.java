package dev.ancestral.likelihood.twosample;

import java.util.Arrays;

/**
 * The area under the receiver operating characteristic of a score: the probability that a positive
 * has a higher score than a negative, equals counting half.
 *
 * @param value ½ for a score that says nothing, 1 for one that separates both
 * @param standardError over the draws of positives and negatives (DeLong, DeLong &amp;
 *     Clarke-Pearson 1988, eq. 5); zero where they are separated
 */
public record AreaUnderCurve(double value, double standardError) {

  /**
   * The area of these scores.
   *
   * @param positives at least 2
   * @param negatives at least 2
   */
  public static AreaUnderCurve of(double[] positives, double[] negatives) {
    int m = positives.length;
    int n = negatives.length;
    if (m < 2 || n < 2) {
      throw new IllegalArgumentException(
          m + " positives and " + n + " negatives; an area takes at least 2 of each");
    }
    double[] pooled = Arrays.copyOf(positives, m + n);
    System.arraycopy(negatives, 0, pooled, m, n);
    double[] ranks = Ranks.of(pooled);
    double[] amongPositives = Ranks.of(positives);
    double[] amongNegatives = Ranks.of(negatives);
    // The share of the others that each one is above or, of a negative, below.
    double[] ofPositives = new double[m];
    Arrays.setAll(ofPositives, i -> (ranks[i] - amongPositives[i]) / n);
    double[] ofNegatives = new double[n];
    Arrays.setAll(ofNegatives, j -> 1 - (ranks[m + j] - amongNegatives[j]) / m);
    double value = mean(ofPositives);
    return new AreaUnderCurve(
        value, Math.sqrt(variance(ofPositives) / m + variance(ofNegatives) / n));
  }

  private static double mean(double[] values) {
    return Arrays.stream(values).sum() / values.length;
  }

  private static double variance(double[] values) {
    double mean = mean(values);
    return Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum() / (values.length - 1);
  }
}
