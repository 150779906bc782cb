package dev.ancestral.likelihood;

import java.io.Serializable;

/**
 * Count, sum and sum of squared deviations of a stream of numbers, which merge exactly as if one
 * accumulator had seen both streams up to rounding (Chan, Golub &amp; LeVeque 1979, eq. 1.5).
 *
 * <p>Merging in a fixed order gives fixed bytes. A value of −∞ (an event of probability zero) makes
 * the mean −∞ and leaves the variance undefined, NaN.
 */
public final class Moments implements Serializable {
  private static final long serialVersionUID = 1L;

  private long count;
  private double sum;
  private double squaredDeviations;

  /** The moments of these numbers, added in their order. */
  public static Moments of(double... values) {
    Moments moments = new Moments();
    for (double value : values) {
      moments.add(value);
    }
    return moments;
  }

  /** Adds a number (Youngs &amp; Cramer 1971; Chan et al. 1979, eq. 1.3). */
  public void add(double value) {
    count++;
    sum += value;
    if (count > 1) {
      double deviation = count * value - sum;
      squaredDeviations += deviation * deviation / ((double) count * (count - 1));
    }
  }

  /** Adds everything that the other has seen; the other is left as it was. */
  public void merge(Moments other) {
    if (other.count == 0) {
      return;
    }
    if (count > 0) {
      double difference = other.mean() - mean();
      squaredDeviations +=
          difference * difference * ((double) count * other.count / (count + other.count));
    }
    squaredDeviations += other.squaredDeviations;
    sum += other.sum;
    count += other.count;
  }

  /** How many numbers were added. */
  public long count() {
    return count;
  }

  /** Their sum. */
  public double sum() {
    return sum;
  }

  /** Σ (x − mean)². */
  public double squaredDeviations() {
    return squaredDeviations;
  }

  /** The mean; NaN of no numbers. */
  public double mean() {
    return sum / count;
  }

  /** The unbiased variance Σ (x − mean)² / (n − 1); NaN of fewer than two numbers. */
  public double variance() {
    return count < 2 ? Double.NaN : squaredDeviations / (count - 1);
  }

  /** The standard error of the mean, √(variance / n); NaN of fewer than two numbers. */
  public double standardError() {
    return Math.sqrt(variance() / count);
  }
}
