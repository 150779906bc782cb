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
    double[] ranks = ranks(pooled);
    double observed = closerShare(ranks, relabelling.asObserved());
    double[] distribution = relabelling.distribution(members -> closerShare(ranks, members));
    return new NearestTraining(
        observed, Relabelling.pValue(observed, distribution), median(samples), median(heldOut));
  }

  /** P(a &lt; b) + ½ P(a = b) of a member a and another b, from ranks (Mann &amp; Whitney 1947). */
  private static double closerShare(double[] ranks, int[] members) {
    double sum = 0;
    for (int i : members) {
      sum += ranks[i];
    }
    double m = members.length;
    double n = ranks.length - m;
    return 1 - (sum - m * (m + 1) / 2) / (m * n);
  }

  /** Ranks from 1; equals share the middle of theirs. */
  private static double[] ranks(double[] values) {
    Integer[] order = new Integer[values.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (a, b) -> Double.compare(values[a], values[b]));
    double[] ranks = new double[values.length];
    int from = 0;
    while (from < order.length) {
      int to = from;
      while (to + 1 < order.length && values[order[to + 1]] == values[order[from]]) {
        to++;
      }
      for (int i = from; i <= to; i++) {
        ranks[order[i]] = (from + to) / 2.0 + 1;
      }
      from = to + 1;
    }
    return ranks;
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
