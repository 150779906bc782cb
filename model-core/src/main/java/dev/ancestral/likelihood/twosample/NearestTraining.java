package dev.ancestral.likelihood.twosample;

import dev.ancestral.random.RandomKey;
import java.util.Arrays;

/**
 * Whether a model repeats its training data: how near its samples are to their nearest training
 * examples, against how near held-out data are to theirs (Meehan, Chaudhuri &amp; Dasgupta 2020,
 * section 3).
 *
 * @param closerShare probability that a sample is closer to training data than a held-out example
 *     is, equals counting half: ½ for the truth, near 1 for a copier
 * @param pValue of the hypothesis that samples are not closer
 * @param medianOfSamples distance of a sample to its nearest training example
 * @param medianOfHeldOut distance of a held-out example to its nearest training example
 */
public record NearestTraining(
    double closerShare, double pValue, double medianOfSamples, double medianOfHeldOut) {

  /**
   * Compares distances to the nearest training example.
   *
   * @param samples of the draws of the model
   * @param heldOut of the held-out examples
   */
  public static NearestTraining of(
      double[] samples, double[] heldOut, int permutations, RandomKey key) {
    int n = samples.length + heldOut.length;
    Relabelling relabelling = new Relabelling(n, samples.length, permutations, key);
    double[] pooled = Arrays.copyOf(samples, n);
    System.arraycopy(heldOut, 0, pooled, samples.length, heldOut.length);
    double[] ranks = Ranks.of(pooled);
    double observed = closerShare(ranks, relabelling.asObserved());
    double[] distribution = relabelling.distribution(members -> closerShare(ranks, members));
    return new NearestTraining(
        observed, Relabelling.pValue(observed, distribution), median(samples), median(heldOut));
  }

  /** P(a &lt; b) + ½ P(a = b) of a member a and another b. */
  private static double closerShare(double[] ranks, int[] members) {
    return 1 - Ranks.greater(ranks, members);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
