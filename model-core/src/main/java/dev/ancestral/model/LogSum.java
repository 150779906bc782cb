package dev.ancestral.model;

/** log Σ exp of a stream of numbers in float64, carried relative to the largest of them. */
public final class LogSum {
  private double largest = Double.NEGATIVE_INFINITY;
  private double scaled; // Σ exp(x − largest)

  /** Adds exp(x) to the sum; NaN makes it NaN. */
  public void add(double x) {
    if (x <= largest) {
      scaled += x == Double.NEGATIVE_INFINITY ? 0 : Math.exp(x - largest);
    } else {
      scaled = Double.isNaN(x) ? Double.NaN : scaled * Math.exp(largest - x) + 1;
      largest = x;
    }
  }

  /** log Σ exp of what was added; −∞ of nothing. */
  public double value() {
    return largest + Math.log(scaled);
  }
}
