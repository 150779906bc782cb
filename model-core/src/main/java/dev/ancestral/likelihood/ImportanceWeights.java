package dev.ancestral.likelihood;

import dev.ancestral.model.LogSum;
import java.util.Arrays;

/**
 * The importance weights of one example, added one by one: their mean, and whether that mean can be
 * trusted.
 *
 * <p>Of S weights only sums and the M + 1 largest are kept, M = ⌈min(S/5, 3√S)⌉, so memory stays
 * bounded by that.
 */
public final class ImportanceWeights {
  /** Fewest weights that a tail is fitted to. */
  public static final int LEAST_TAIL = 5;

  /** Fewest weights that have such a tail. */
  public static final int LEAST_SAMPLES = 21;

  // The prior of k: as good as ten weights of a tail with k = ½.
  private static final double PRIOR_WEIGHTS = 10;
  private static final double PRIOR_SHAPE = 0.5;
  private static final double HIGHEST = 0.7;
  // Relative to the largest weight; smaller ones have lost digits to the range of float64.
  private static final double NEGLIGIBLE = 1e-300;

  private final int samples;
  private final int tail; // M
  private final LogSum sum = new LogSum();
  private final LogSum squares = new LogSum();
  private final double[] largest; // the M + 1 largest among the first `held`, in no order
  private int held;
  private double floor = Double.NEGATIVE_INFINITY; // what is below is not among the largest

  /**
   * @param samples S, how many will be added; at least 1
   */
  public ImportanceWeights(int samples) {
    if (samples < 1) {
      throw new IllegalArgumentException("samples is " + samples + "; it must be at least 1");
    }
    this.samples = samples;
    tail = tailSize(samples);
    largest = new double[2 * (tail + 1)];
  }

  /** As many empty ones as there are examples. */
  public static ImportanceWeights[] ofEach(int examples, int samples) {
    ImportanceWeights[] weights = new ImportanceWeights[examples];
    Arrays.setAll(weights, i -> new ImportanceWeights(samples));
    return weights;
  }

  /** Whether k̂ is defined for S weights: whether their tail has {@link #LEAST_TAIL} of them. */
  public static boolean hasTail(int samples) {
    return samples >= LEAST_SAMPLES;
  }

  /**
   * The k̂ above which S weights are too few for a reliable mean: min(1 − 1/log₁₀ S, 0.7) (Vehtari
   * et al. 2024).
   */
  public static double highestReliableK(int samples) {
    return Math.min(1 - 1 / Math.log10(samples), HIGHEST);
  }

  private static int tailSize(int samples) {
    return (int) Math.ceil(Math.min(samples / 5.0, 3 * Math.sqrt(samples)));
  }

  /** Adds the weight exp(logWeight). */
  public void add(double logWeight) {
    sum.add(logWeight);
    squares.add(2 * logWeight);
    if (logWeight < floor) {
      return;
    }
    largest[held++] = logWeight;
    if (held == largest.length) {
      Arrays.sort(largest);
      held = tail + 1;
      System.arraycopy(largest, largest.length - held, largest, 0, held);
      floor = largest[0];
    }
  }

  /** log (1/S) Σ w. */
  public double logMean() {
    return sum.value() - Math.log(samples);
  }

  /** (Σ w)² / Σ w²: from 1, where one has all the weight, to S. */
  public double effectiveSampleSize() {
    return Math.exp(2 * sum.value() - squares.value());
  }

  /**
   * Pareto k̂: the shape of a generalized Pareto distribution that is fitted to the M largest
   * weights (Vehtari, Simpson, Gelman, Yao &amp; Gabry 2024, Pareto smoothed importance sampling;
   * the fit is that of Zhang &amp; Stephens 2009), drawn towards ½ by a weak prior. About 1/k
   * moments of the weights are finite: above ½ their variance is not, above {@link
   * #highestReliableK} their mean over S draws is unreliable, above 1 there is none.
   *
   * <p>Positive infinity where the weights that count are fewer than {@link #LEAST_TAIL} and the
   * rest is too small for a float64; negative infinity where all weights of the tail are equal; NaN
   * where they are too few ({@link #hasTail}) or distinct too seldom to say.
   */
  public double paretoK() {
    double[] ascending = Arrays.copyOf(largest, held);
    Arrays.sort(ascending);
    double top = held == 0 ? Double.NaN : ascending[held - 1];
    if (!hasTail(samples) || held <= tail || Double.isNaN(top) || Double.isInfinite(top)) {
      return Double.NaN;
    }
    double threshold = ascending[held - 1 - tail];
    double below = Math.exp(threshold - top);
    // Relative to the largest: k does not depend on the scale.
    double[] exceedances =
        Arrays.stream(ascending, held - tail, held)
            .map(logWeight -> Math.exp(logWeight - top) - below)
            .filter(exceedance -> exceedance >= NEGLIGIBLE)
            .toArray();
    if (exceedances.length < LEAST_TAIL) {
      return withoutTail(exceedances.length, below);
    }
    double k = GeneralizedPareto.fit(exceedances).shape();
    return (exceedances.length * k + PRIOR_WEIGHTS * PRIOR_SHAPE)
        / (exceedances.length + PRIOR_WEIGHTS);
  }

  private static double withoutTail(int distinct, double below) {
    if (distinct == 0) {
      return Double.NEGATIVE_INFINITY;
    }
    return below < NEGLIGIBLE ? Double.POSITIVE_INFINITY : Double.NaN;
  }
}
