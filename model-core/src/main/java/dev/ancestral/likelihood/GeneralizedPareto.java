package dev.ancestral.likelihood;

/**
 * The generalized Pareto distribution of exceedances, p(x) = (1/σ) (1 + k x/σ)^(−1/k − 1) of x &gt;
 * 0: its tail is as heavy as x^(−1/k) for k &gt; 0, exponential for k = 0, and ends at −σ/k for k
 * &lt; 0.
 *
 * @param shape k
 * @param scale σ
 */
record GeneralizedPareto(double shape, double scale) {
  // Points of the grid besides √n of them, and the prior's distance in first quartiles.
  private static final int GRID = 30;
  private static final double PRIOR = 3;

  /**
   * The empirical Bayes estimate of Zhang &amp; Stephens (2009): with b = −k/σ the likelihood has
   * its maximum over k at k(b) = mean log(1 − b x), so that a posterior mean over b alone, on a
   * grid of m quantiles of a weak prior below 1/x_max, gives both parameters.
   *
   * <p>Differs from the paper: m = 30 + ⌊√n⌋, as in Vehtari, Simpson, Gelman, Yao &amp; Gabry
   * (2024), and the sign of k is theirs, that of a heavy tail positive.
   *
   * @param exceedances above 0 and finite, ascending, one at least
   */
  static GeneralizedPareto fit(double[] exceedances) {
    int n = exceedances.length;
    int m = GRID + (int) Math.sqrt(n);
    double quartile = exceedances[Math.max(0, (int) (n / 4.0 + 0.5) - 1)];
    double largest = exceedances[n - 1];
    double[] b = new double[m];
    double[] logLikelihood = new double[m];
    double highest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < m; i++) {
      b[i] = 1 / largest + (1 - Math.sqrt(m / (i + 0.5))) / (PRIOR * quartile);
      double k = shape(b[i], exceedances);
      // The limit of −b/k at b = 0, the exponential distribution, is 1 / mean x.
      double rate = b[i] == 0 ? 1 / Moments.of(exceedances).mean() : -b[i] / k;
      logLikelihood[i] = n * (Math.log(rate) - k - 1);
      highest = Math.max(highest, logLikelihood[i]);
    }
    double total = 0;
    double mean = 0;
    for (int i = 0; i < m; i++) {
      double weight = Math.exp(logLikelihood[i] - highest);
      total += weight;
      mean += weight * b[i];
    }
    mean /= total;
    double shape = shape(mean, exceedances);
    return new GeneralizedPareto(shape, -shape / mean);
  }

  private static double shape(double b, double[] exceedances) {
    double sum = 0;
    for (double x : exceedances) {
      sum += Math.log1p(-b * x);
    }
    return sum / exceedances.length;
  }
}
