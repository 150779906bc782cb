package dev.ancestral.oracle;

import dev.ancestral.likelihood.twosample.MarginalComparison;
import dev.ancestral.likelihood.twosample.MeanDiscrepancy;
import dev.ancestral.likelihood.twosample.NearestTraining;
import dev.ancestral.likelihood.twosample.Points;
import dev.ancestral.random.RandomKey;
import java.util.Arrays;
import java.util.List;

/**
 * Two-sample statistics against their definitions, and p-values against the count over all ways to
 * relabel the pooled sample.
 */
record TwoSampleOracle() implements Oracle {
  private static final int FIRST = 4;
  private static final int POOLED = 9;
  private static final int PERMUTATIONS = 20_000;
  private static final double TOLERANCE = 1e-9;

  @Override
  public List<Verdict> verdicts() {
    Laws laws = new Laws("two-sample");
    discrepancy(laws);
    margins(laws);
    nearest(laws);
    return laws.verdicts();
  }

  private static void discrepancy(Laws laws) {
    float[][] rows = new float[POOLED][2];
    for (int i = 0; i < POOLED; i++) {
      RandomKey.of(121).fold(i).fillNormal(0, rows[i], 0, 2);
      rows[i][0] += i < FIRST ? 0.8f : 0;
    }
    double[] distances = new double[POOLED * (POOLED - 1) / 2];
    int at = 0;
    for (int i = 0; i < POOLED; i++) {
      for (int j = 0; j < i; j++) {
        distances[at++] = Math.sqrt(square(rows, i, j));
      }
    }
    Arrays.sort(distances);
    double sigma = distances[distances.length / 2];
    double observed = discrepancy(rows, sigma, (1 << FIRST) - 1);
    int asLarge = 0;
    int all = 0;
    for (int members = 0; members < 1 << POOLED; members++) {
      if (Integer.bitCount(members) == FIRST) {
        all++;
        asLarge += discrepancy(rows, sigma, members) >= observed - TOLERANCE ? 1 : 0;
      }
    }
    MeanDiscrepancy found =
        MeanDiscrepancy.of(Points.of(rows), FIRST, PERMUTATIONS, RandomKey.of(122));
    laws.equal("median distance of the pooled sample", sigma, found.bandwidth(), TOLERANCE);
    laws.equal("squared mean discrepancy", observed, found.squared(), TOLERANCE);
    float[][] one = new float[POOLED][1];
    laws.equal("bandwidth of equal points", 1, bandwidth(one), TOLERANCE);
    one[POOLED - 1][0] = 3;
    // 8 of 36 pairs are 3 apart, so the median distance is 0.
    laws.equal("of mostly equal ones, root mean square", Math.sqrt(2), bandwidth(one), TOLERANCE);
    pValue(laws, "discrepancy's p of all " + all + " relabellings", asLarge, all, found.pValue());
  }

  private static double bandwidth(float[][] rows) {
    return MeanDiscrepancy.of(Points.of(rows), FIRST, 1, RandomKey.of(125)).bandwidth();
  }

  /** Gretton et al. 2012, eq. 3; the members of the first sample are bits. */
  private static double discrepancy(float[][] rows, double sigma, int members) {
    double statistic = 0;
    double m = FIRST;
    double n = POOLED - FIRST;
    for (int i = 0; i < POOLED; i++) {
      for (int j = 0; j < POOLED; j++) {
        boolean first = (members >> i & 1) == 1;
        boolean second = (members >> j & 1) == 1;
        double kernel = Math.exp(-square(rows, i, j) / (2 * sigma * sigma));
        if (i != j && first == second) {
          statistic += kernel / (first ? m * (m - 1) : n * (n - 1));
        } else if (first != second) {
          statistic -= kernel / (m * n);
        }
      }
    }
    return statistic;
  }

  private static double square(float[][] rows, int i, int j) {
    double sum = 0;
    for (int d = 0; d < rows[i].length; d++) {
      double difference = (double) rows[i][d] - rows[j][d];
      sum += difference * difference;
    }
    return sum;
  }

  /** 3 of 4 against 1 of 5: the count in the first sample is hypergeometric. */
  private static void margins(Laws laws) {
    float[][] rows = {{1}, {1}, {1}, {0}, {0}, {0}, {1}, {0}, {0}};
    MarginalComparison found = MarginalComparison.of(rows, FIRST, PERMUTATIONS, RandomKey.of(123));
    double share = 4.0 / POOLED;
    double variance = share * (1 - share) * POOLED / (POOLED - 1.0) * (1.0 / 4 + 1.0 / 5);
    laws.equal(
        "shares 3/4 and 1/5 in standard deviations",
        (3.0 / 4 - 1.0 / 5) / Math.sqrt(variance),
        found.largest(),
        1e-7); // shares are float32
    float[][] rare = {{1}, {0}, {1}, {1}, {1}, {1}, {1}, {1}, {1}};
    MarginalComparison.Element element =
        MarginalComparison.of(rare, FIRST, 1, RandomKey.of(126)).worst().get(0);
    laws.equal("share above a rare smallest value", 0.75, element.firstShare(), TOLERANCE);
    laws.equal("that value", 0, element.threshold(), 0);
    // C(4, k) C(5, 4 − k) of 126 ways have k in the first: 0 (5), 3 (20) and 4 (1) differ as much.
    pValue(laws, "its p of all 126 relabellings", 26, 126, found.pValue());
  }

  /** P(a &lt; b) + P(a = b) / 2 by counting pairs (Mann &amp; Whitney 1947). */
  private static void nearest(Laws laws) {
    double[] samples = {0.1, 0.4, 0.2, 0.9};
    double[] heldOut = {0.4, 0.5, 1.2, 0.05, 0.7};
    double pairs = 0;
    for (double a : samples) {
      for (double b : heldOut) {
        pairs += a < b ? 1 : a == b ? 0.5 : 0;
      }
    }
    NearestTraining found = NearestTraining.of(samples, heldOut, PERMUTATIONS, RandomKey.of(124));
    laws.equal("share of closer pairs", pairs / 20, found.closerShare(), TOLERANCE);
    laws.equal("median distance of samples", 0.3, found.medianOfSamples(), TOLERANCE);
    laws.equal("median distance of held-out data", 0.5, found.medianOfHeldOut(), TOLERANCE);
    double[] pooled = Arrays.copyOf(samples, POOLED);
    System.arraycopy(heldOut, 0, pooled, samples.length, heldOut.length);
    int asLarge = 0;
    for (int members = 0; members < 1 << POOLED; members++) {
      if (Integer.bitCount(members) == FIRST) {
        double other = 0;
        for (int i = 0; i < POOLED; i++) {
          for (int j = 0; j < POOLED; j++) {
            boolean across = (members >> i & 1) == 1 && (members >> j & 1) == 0;
            other += !across ? 0 : pooled[i] < pooled[j] ? 1 : pooled[i] == pooled[j] ? 0.5 : 0;
          }
        }
        asLarge += other >= pairs - TOLERANCE ? 1 : 0;
      }
    }
    pValue(laws, "its p of all 126 relabellings (closeness)", asLarge, 126, found.pValue());
  }

  private static void pValue(Laws laws, String law, int asLarge, int all, double found) {
    double p = (double) asLarge / all;
    laws.equal(law, p, found, 5 * Math.sqrt(p * (1 - p) / PERMUTATIONS) + 1.0 / PERMUTATIONS);
  }
}
