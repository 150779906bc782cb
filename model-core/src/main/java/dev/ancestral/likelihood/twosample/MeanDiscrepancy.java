package dev.ancestral.likelihood.twosample;

import dev.ancestral.random.RandomKey;
import java.util.Arrays;

/**
 * The squared maximum mean discrepancy of two samples (Gretton, Borgwardt, Rasch, Schölkopf &amp;
 * Smola 2012), unbiased (their eq. 3), with the kernel exp(−|x − y|² / 2σ²), σ the median distance
 * of the pooled sample.
 *
 * @param squared MMD²; around zero, also below, where both have one distribution
 * @param bandwidth σ
 * @param pValue of the hypothesis that they have
 */
public record MeanDiscrepancy(double squared, double bandwidth, double pValue) {

  /**
   * Compares two samples.
   *
   * @param points both, laid end to end
   * @param first size of the first one; at least 2, as that of the other
   * @param permutations P
   */
  public static MeanDiscrepancy of(Points points, int first, int permutations, RandomKey key) {
    int n = points.count();
    Relabelling relabelling = new Relabelling(n, first, permutations, key);
    double[][] kernel = new double[n][];
    for (int i = 0; i < n; i++) {
      kernel[i] = points.squaredDistances(points.row(i));
    }
    double sigmaSquared = medianSquaredDistance(kernel);
    double[] rowSums = new double[n];
    double total = 0;
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        kernel[i][j] = i == j ? 0 : Math.exp(-kernel[i][j] / (2 * sigmaSquared));
        rowSums[i] += kernel[i][j];
      }
      total += rowSums[i];
    }
    double all = total;
    double observed = statistic(kernel, rowSums, all, relabelling.asObserved());
    double[] distribution =
        relabelling.distribution(members -> statistic(kernel, rowSums, all, members));
    return new MeanDiscrepancy(
        observed, Math.sqrt(sigmaSquared), Relabelling.pValue(observed, distribution));
  }

  /** MMD² from Σ k within the members; the sums within the others and across follow from totals. */
  private static double statistic(
      double[][] kernel, double[] rowSums, double total, int[] members) {
    double within = 0;
    double rows = 0;
    for (int i : members) {
      double[] row = kernel[i];
      double sum = 0;
      for (int j : members) {
        sum += row[j];
      }
      within += sum;
      rows += rowSums[i];
    }
    double m = members.length;
    double n = kernel.length - m;
    double across = rows - within;
    double others = total - 2 * rows + within;
    return within / (m * (m - 1)) + others / (n * (n - 1)) - 2 * across / (m * n);
  }

  private static double medianSquaredDistance(double[][] squares) {
    int n = squares.length;
    double[] above = new double[n * (n - 1) / 2];
    int at = 0;
    double sum = 0;
    for (int i = 0; i < n; i++) {
      for (int j = i + 1; j < n; j++) {
        above[at++] = squares[i][j];
        sum += squares[i][j];
      }
    }
    Arrays.sort(above);
    double median = above[above.length / 2];
    // Of mostly equal points the median distance is none; of all equal ones any will do.
    return median > 0 ? median : sum > 0 ? sum / above.length : 1;
  }
}
