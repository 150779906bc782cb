package dev.ancestral.oracle;

/** The normal distribution by its definition, and integrals against smooth functions. */
final class Normal {
  private static final double LOG_TWO_PI = Math.log(2 * Math.PI);
  private static final int TERMS = 200;

  private Normal() {}

  /** log N(x; mean, variance). */
  static double logDensity(double x, double mean, double variance) {
    double deviation = x - mean;
    return -0.5 * (LOG_TWO_PI + Math.log(variance) + deviation * deviation / variance);
  }

  /**
   * Φ(x) for |x| below 8, by ½ + φ(x) Σ_n x^{2n+1} / (1 · 3 · ... · (2n + 1)) (Marsaglia 2004, eq.
   * 2).
   */
  static double cumulative(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; n < TERMS && Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= x * x / (2 * n + 1);
      sum += term;
    }
    return 0.5 + sum * Math.exp(-0.5 * (x * x + LOG_TWO_PI));
  }

  /** KL(N(mean, variance) ‖ N(other, otherVariance)) in nats. */
  static double divergence(double mean, double variance, double other, double otherVariance) {
    double difference = mean - other;
    return 0.5
        * ((variance + difference * difference) / otherVariance
            - 1
            + Math.log(otherVariance / variance));
  }
}
