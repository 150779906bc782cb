package dev.ancestral.job.quality;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The receiver operating characteristic of a score: for thresholds from high to low the share of
 * negatives and of positives that are above them.
 *
 * @param falsePositives ascending from 0 to 1
 * @param truePositives ascending from 0 to 1
 */
public record RocCurve(List<Double> falsePositives, List<Double> truePositives) {

  public RocCurve {
    falsePositives = List.copyOf(falsePositives);
    truePositives = List.copyOf(truePositives);
  }

  /**
   * The curve of these scores, with a point at most for each of some quantiles of all scores.
   *
   * @param positives at least 1
   * @param negatives at least 1
   * @param points beside the first two, at least 1
   */
  static RocCurve of(double[] positives, double[] negatives, int points) {
    double[] above = sorted(positives);
    double[] below = sorted(negatives);
    double[] all = Arrays.copyOf(positives, positives.length + negatives.length);
    System.arraycopy(negatives, 0, all, positives.length, negatives.length);
    Arrays.sort(all);
    List<Double> falsePositives = new ArrayList<>(List.of(0.0));
    List<Double> truePositives = new ArrayList<>(List.of(0.0));
    double last = Double.POSITIVE_INFINITY;
    for (int p = 0; p <= points; p++) {
      double threshold = all[(int) ((long) (points - p) * (all.length - 1) / points)];
      if (threshold < last) {
        falsePositives.add(share(below, threshold));
        truePositives.add(share(above, threshold));
        last = threshold;
      }
    }
    return new RocCurve(falsePositives, truePositives);
  }

  private static double[] sorted(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted;
  }

  /** The share that is not below a threshold. */
  private static double share(double[] sorted, double threshold) {
    int from = 0;
    int to = sorted.length;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (sorted[middle] < threshold) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return (double) (sorted.length - from) / sorted.length;
  }
}
