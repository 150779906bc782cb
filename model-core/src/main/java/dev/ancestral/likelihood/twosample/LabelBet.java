package dev.ancestral.likelihood.twosample;

import dev.ancestral.model.LogSum;
import java.util.Arrays;

/**
 * A bet against the hypothesis that labels say nothing about examples, by predictions that were
 * made without them: an e-value, whose expectation is at most 1 if the hypothesis holds.
 *
 * <p>With the odds o_i = p_i / (1 − p_i) that a classifier gives to example i being positive, the
 * likelihood of the labels, given how many are positive, is ∏_{positive} o_i over the mean of that
 * product over all assignments of as many labels; under exchangeability its expectation is exactly
 * 1 (Koning 2023, Post-hoc and anytime-valid permutation and group invariance testing; the bet by a
 * classifier's likelihood ratio is that of Pandeva, Bakker, Naesseth &amp; Forré 2024, E-valuating
 * classifier two-sample tests).
 *
 * <p>A classifier that is too sure of itself loses such bets. So the odds are taken to the powers
 * 1, ½, ¼, ⅛ and 1/16 too, and the e-value is the mean of the five, which is one again.
 */
final class LabelBet {
  private static final int POWERS = 5;
  // Beyond these odds one surprise would lose everything.
  private static final double MOST_LOG_ODDS = 20;

  private LabelBet() {}

  /**
   * The logarithm of the e-value.
   *
   * @param positives log odds of the positive examples
   * @param negatives log odds of the others
   */
  static double logEValue(double[] positives, double[] negatives) {
    LogSum sum = new LogSum();
    double power = 1;
    for (int i = 0; i < POWERS; i++) {
      sum.add(logRatio(positives, negatives, power));
      power /= 2;
    }
    return sum.value() - Math.log(POWERS);
  }

  private static double logRatio(double[] positives, double[] negatives, double power) {
    int m = positives.length;
    // The elementary symmetric polynomials of the odds seen so far, over the number of their terms:
    // means[j] is the log mean of the products of j odds.
    double[] means = new double[m + 1];
    Arrays.fill(means, Double.NEGATIVE_INFINITY);
    means[0] = 0;
    double observed = 0;
    int seen = 0;
    for (double odds : positives) {
      observed += power * bounded(odds);
      add(power * bounded(odds), ++seen, means);
    }
    for (double odds : negatives) {
      add(power * bounded(odds), ++seen, means);
    }
    return observed - means[m];
  }

  /** Of n odds, j/n of the products of j have the last one in them. */
  private static void add(double logOdds, int n, double[] means) {
    for (int j = Math.min(n, means.length - 1); j >= 1; j--) {
      double without = means[j] + Math.log((n - j) / (double) n);
      double with = means[j - 1] + logOdds + Math.log(j / (double) n);
      double larger = Math.max(without, with);
      means[j] = larger + Math.log1p(Math.exp(Math.min(without, with) - larger));
    }
  }

  private static double bounded(double logOdds) {
    return Math.max(-MOST_LOG_ODDS, Math.min(MOST_LOG_ODDS, logOdds));
  }
}
