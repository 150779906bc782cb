package dev.ancestral.oracle;

import dev.ancestral.likelihood.Moments;
import java.util.ArrayList;
import java.util.List;

/** The verdicts about one subject, in the order in which its laws are told. */
public final class Laws {
  private static final double DEVIATIONS = 5;
  private static final double ROUNDING = 1e-6;

  private final String subject;
  private final List<Verdict> verdicts = new ArrayList<>();

  /** No laws yet. */
  public Laws(String subject) {
    this.subject = subject;
  }

  /** The number found is the one expected, within a tolerance. */
  public Laws equal(String law, double expected, double found, double tolerance) {
    verdicts.add(new Verdict(subject, law, expected, found, tolerance));
    return this;
  }

  /** The mean of random numbers is the one expected, within five of its standard errors. */
  public Laws mean(String law, double expected, Moments found, double least) {
    // The error is made here, so that a wrong one in Moments widens no tolerance.
    double n = found.count();
    double error = Math.sqrt(found.squaredDeviations() / (n - 1) / n);
    return equal(law, expected, found.mean(), DEVIATIONS * error + least);
  }

  /** As {@link #mean(String, double, Moments, double)}. */
  public Laws mean(String law, double expected, Moments found) {
    return mean(law, expected, found, ROUNDING);
  }

  /** Each number found is the one expected: the largest difference is 0 within a tolerance. */
  public Laws equal(String law, double[] expected, double[] found, double tolerance) {
    return equal(law + ", largest error", 0, largestError(expected, found), tolerance);
  }

  /** Each mean of random numbers is the one expected: the largest number of errors between them. */
  public Laws means(String law, double[] expected, Moments[] found) {
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      double n = found[i].count();
      double error = Math.sqrt(found[i].squaredDeviations() / (n - 1) / n);
      double deviations =
          Math.abs(found[i].mean() - expected[i]) / (error + ROUNDING * Math.abs(expected[i]));
      largest = Double.isNaN(deviations) ? Double.NaN : Math.max(largest, deviations);
    }
    return equal(law + " (largest z)", 0, largest, DEVIATIONS);
  }

  /** A number does not exceed another one. */
  public Laws atMost(String law, double least, double most) {
    return equal("max(0, " + law + ") is 0", 0, Math.max(0, least - most), 0);
  }

  /** Adds a verdict that was found elsewhere. */
  Laws add(Verdict verdict) {
    verdicts.add(verdict);
    return this;
  }

  /** All of them. */
  public List<Verdict> verdicts() {
    return List.copyOf(verdicts);
  }

  private static double largestError(double[] expected, double[] found) {
    if (expected.length != found.length) {
      return Double.NaN;
    }
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      // Two events of probability zero are equal; their difference is not a number.
      double error = expected[i] == found[i] ? 0 : Math.abs(expected[i] - found[i]);
      largest = Double.isNaN(error) ? Double.NaN : Math.max(largest, error);
    }
    return largest;
  }
}
