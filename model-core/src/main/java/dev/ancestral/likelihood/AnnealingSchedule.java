package dev.ancestral.likelihood;

/**
 * The inverse temperatures 0 = β_0 &lt; β_1 &lt; ... &lt; β_T = 1 of annealed importance sampling:
 * equal steps of a sigmoid, so that they are close at both ends, where the distributions change
 * fastest (Grosse, Ancha &amp; Roy 2016, section 6.1).
 *
 * <p>β_t = (σ(δ (2t/T − 1)) − σ(−δ)) / (σ(δ) − σ(−δ)), δ = 4.
 */
final class AnnealingSchedule {
  private static final double DELTA = 4;

  private AnnealingSchedule() {}

  /** β_0 to β_T. */
  static double[] sigmoid(int steps) {
    double low = sigmoid(-DELTA);
    double high = sigmoid(DELTA);
    double[] beta = new double[steps + 1];
    for (int t = 0; t < steps; t++) {
      beta[t] = (sigmoid(DELTA * (2.0 * t / steps - 1)) - low) / (high - low);
    }
    beta[steps] = 1;
    return beta;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }
}
