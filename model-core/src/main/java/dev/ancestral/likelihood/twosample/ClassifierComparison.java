package dev.ancestral.likelihood.twosample;

import dev.ancestral.random.RandomKey;
import java.util.Arrays;

/**
 * A classifier two-sample test (Lopez-Paz &amp; Oquab 2017): whether a classifier that was fitted
 * to one half of two samples can tell the other half apart.
 *
 * @param area under the curve of its scores on the other half
 * @param pValue of the hypothesis that both samples have one distribution, by relabelling the
 *     scores
 * @param logEValue logarithm of an e-value of the same hypothesis: see {@link LabelBet}. At least
 *     1/α with probability α at most; the product over data and draws that are new each time keeps
 *     that however often it is looked at (Ville 1939)
 */
public record ClassifierComparison(AreaUnderCurve area, double pValue, double logEValue) {

  /**
   * Compares what a classifier says of examples that it was not fitted to.
   *
   * @param first log odds of being of the first sample, for examples of the first one; at least 2
   * @param second the same for examples of the second one; at least 2
   * @param permutations of the p-value
   */
  public static ClassifierComparison of(
      double[] first, double[] second, int permutations, RandomKey key) {
    int n = first.length + second.length;
    Relabelling relabelling = new Relabelling(n, first.length, permutations, key);
    double[] pooled = Arrays.copyOf(first, n);
    System.arraycopy(second, 0, pooled, first.length, second.length);
    double[] ranks = Ranks.of(pooled);
    double[] distribution = relabelling.distribution(members -> Ranks.greater(ranks, members));
    double observed = Ranks.greater(ranks, relabelling.asObserved());
    return new ClassifierComparison(
        AreaUnderCurve.of(first, second),
        Relabelling.pValue(observed, distribution),
        LabelBet.logEValue(first, second));
  }
}
