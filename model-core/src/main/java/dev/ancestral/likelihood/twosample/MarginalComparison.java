package dev.ancestral.likelihood.twosample;

import dev.ancestral.random.RandomKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Compares two samples element by element: for some thresholds of each element, quantiles of the
 * pooled sample, the difference of the shares that exceed them, in standard deviations. The largest
 * one over all is the statistic, so its p-value is corrected for how many were looked at (Westfall
 * &amp; Young 1993, max-T).
 *
 * @param largest of the standardised differences
 * @param pValue of the hypothesis that both have one distribution
 * @param worst elements that differ the most, the worst first
 */
public record MarginalComparison(double largest, double pValue, List<Element> worst) {
  private static final int WORST = 10;
  private static final int MOST_THRESHOLDS = 7;
  private static final int MOST_COLUMNS = 4096;

  /**
   * How an element differs.
   *
   * @param index of the element
   * @param threshold that it is most different at
   * @param firstShare of the first sample that exceeds it
   * @param secondShare of the second one
   * @param deviations between them
   * @param pValue corrected for all elements and thresholds
   */
  public record Element(
      int index,
      double threshold,
      double firstShare,
      double secondShare,
      double deviations,
      double pValue) {}

  public MarginalComparison {
    worst = List.copyOf(worst);
  }

  /** An element at a threshold. */
  private record Column(int element, float threshold) {}

  /**
   * Compares two samples.
   *
   * @param rows both, laid end to end, [N][D]
   * @param first size of the first one; at least 2, as that of the other
   */
  public static MarginalComparison of(float[][] rows, int first, int permutations, RandomKey key) {
    int n = rows.length;
    Relabelling relabelling = new Relabelling(n, first, permutations, key);
    List<Column> columns = columns(rows);
    float[][] exceeds = new float[n][columns.size()];
    float[] counts = new float[columns.size()];
    for (int i = 0; i < n; i++) {
      for (int c = 0; c < columns.size(); c++) {
        Column column = columns.get(c);
        exceeds[i][c] = rows[i][column.element()] > column.threshold() ? 1 : 0;
        counts[c] += exceeds[i][c];
      }
    }
    double[] scale = new double[columns.size()];
    for (int c = 0; c < scale.length; c++) {
      double share = counts[c] / n;
      // Of a share among n drawn without replacement from N, as relabelling does.
      double variance = share * (1 - share) * n / (n - 1.0) * (1.0 / first + 1.0 / (n - first));
      scale[c] = 1 / Math.sqrt(variance);
    }
    double[] observed = differences(exceeds, counts, scale, relabelling.asObserved());
    double[] distribution =
        relabelling.distribution(members -> largest(differences(exceeds, counts, scale, members)));
    double largest = largest(observed);
    return new MarginalComparison(
        largest,
        Relabelling.pValue(largest, distribution),
        worst(columns, exceeds, counts, observed, distribution, first));
  }

  private static double[] differences(
      float[][] exceeds, float[] counts, double[] scale, int[] members) {
    float[] sums = new float[counts.length]; // whole numbers, exact in float32
    for (int i : members) {
      add(exceeds[i], sums);
    }
    double m = members.length;
    double n = exceeds.length - m;
    double[] differences = new double[sums.length];
    for (int c = 0; c < sums.length; c++) {
      differences[c] = Math.abs(sums[c] / m - (counts[c] - sums[c]) / n) * scale[c];
    }
    return differences;
  }

  private static void add(float[] row, float[] into) {
    for (int c = 0; c < into.length; c++) {
      into[c] += row[c];
    }
  }

  private static double largest(double[] values) {
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, value);
    }
    return largest;
  }

  /** Every element at its distinct quantiles; none where an element never changes. */
  private static List<Column> columns(float[][] rows) {
    int elements = rows[0].length;
    int thresholds = Math.max(1, Math.min(MOST_THRESHOLDS, MOST_COLUMNS / elements));
    List<Column> columns = new ArrayList<>();
    float[] values = new float[rows.length];
    for (int d = 0; d < elements; d++) {
      for (int i = 0; i < rows.length; i++) {
        values[i] = rows[i][d];
      }
      Arrays.sort(values);
      float last = Float.NaN;
      float top = values[values.length - 1];
      for (int q = 1; q <= thresholds; q++) {
        float threshold = values[(int) ((long) q * values.length / (thresholds + 1))];
        if (threshold == top) {
          // A rare smallest value must not hide behind a frequent largest one.
          threshold = below(values, top);
        }
        if (threshold != last && threshold < top) {
          columns.add(new Column(d, threshold));
          last = threshold;
        }
      }
    }
    return columns;
  }

  /** The largest value below the top; the top itself if there is none. */
  private static float below(float[] ascending, float top) {
    for (int i = ascending.length - 1; i >= 0; i--) {
      if (ascending[i] < top) {
        return ascending[i];
      }
    }
    return top;
  }

  private static List<Element> worst(
      List<Column> columns,
      float[][] exceeds,
      float[] counts,
      double[] observed,
      double[] distribution,
      int first) {
    Integer[] order = new Integer[columns.size()];
    Arrays.setAll(order, c -> c);
    Arrays.sort(order, Comparator.comparingDouble(c -> -observed[c]));
    List<Element> worst = new ArrayList<>();
    for (int c : order) {
      int element = columns.get(c).element();
      if (worst.size() == WORST) {
        break;
      }
      if (worst.stream().anyMatch(known -> known.index() == element)) {
        continue;
      }
      double sum = 0;
      for (int i = 0; i < first; i++) {
        sum += exceeds[i][c];
      }
      worst.add(
          new Element(
              element,
              columns.get(c).threshold(),
              sum / first,
              (counts[c] - sum) / (exceeds.length - first),
              observed[c],
              Relabelling.pValue(observed[c], distribution)));
    }
    return worst;
  }
}
