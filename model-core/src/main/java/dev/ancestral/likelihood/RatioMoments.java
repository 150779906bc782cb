package dev.ancestral.likelihood;

/**
 * A ratio of two sums over examples, R = Σ x_i / Σ m_i, such as nats an element where examples have
 * unlike numbers of elements, with its standard error.
 *
 * <p>The ratio estimator's, to first order in 1 / n (Cochran 1977, section 2.11): √(n / (n − 1) · Σ
 * (x_i − R m_i)²) / Σ m_i. Where all m_i are equal it is the standard error of the mean of x,
 * divided by m.
 */
public final class RatioMoments {
  private long count;
  private double meanOfX;
  private double meanOfM;
  private double xx; // Σ (x − mean)²
  private double xm; // Σ (x − mean) (m − mean)
  private double mm; // Σ (m − mean)²

  /** Adds an example; the same ones in the same order give the same bits. */
  public void add(double x, double m) {
    count++;
    double deviationOfX = x - meanOfX;
    double deviationOfM = m - meanOfM;
    meanOfX += deviationOfX / count;
    meanOfM += deviationOfM / count;
    xx += deviationOfX * (x - meanOfX);
    xm += deviationOfX * (m - meanOfM);
    mm += deviationOfM * (m - meanOfM);
  }

  /** R; NaN of no examples. */
  public double ratio() {
    return count == 0 ? Double.NaN : meanOfX / meanOfM;
  }

  /** The standard error of R; NaN of fewer than two examples, or where an x is infinite. */
  public double standardError() {
    if (count < 2) {
      return Double.NaN;
    }
    double ratio = ratio();
    double squares = xx - 2 * ratio * xm + ratio * ratio * mm;
    // By rounding it may be a little below zero where all ratios are equal.
    return Math.sqrt(Math.max(0, squares) / (count - 1.0) / count) / meanOfM;
  }
}
