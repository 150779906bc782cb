package dev.ancestral.likelihood;

/**
 * The mean difference of two log-likelihoods over the same examples, with its standard error.
 *
 * <p>The error comes from the spread of the differences: what makes an example hard for both models
 * cancels, which the errors of the two means would count twice.
 */
public final class PairedDifferences {
  private final Moments differences = new Moments();

  /** Adds an example with its log p under either model, in nats. */
  public void add(double first, double second) {
    // Two events of probability zero are equally impossible.
    differences.add(first == second ? 0 : first - second);
  }

  /** Mean of first minus second in nats an example; NaN of no examples. */
  public double mean() {
    return differences.mean();
  }

  /** The standard error of that mean; NaN of fewer than two examples. */
  public double standardError() {
    return differences.standardError();
  }
}
