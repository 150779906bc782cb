package dev.ancestral.distribution.statistics;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.NamedArrays;
import java.util.Arrays;
import java.util.List;

/**
 * Independent normal elements: p(x | k) = Π_d N(x_d; μ_kd, σ²_kd).
 *
 * <p>Estimate: weighted mean and variance (divided by the weight). A variance is at least 10⁻⁶ of
 * the element's variance over all states, for the likelihood has no maximum where a variance may
 * vanish, and 10⁻¹² where an element has the same value in all examples. A state without weight has
 * the mean and variance over all states.
 *
 * <p>Parameters: {@code mean} [K, D], {@code variance} [K, D]. Counts: [D, K] each of Σ w, a centre
 * c, Σ w (x − c) and Σ w (x − c)². The centre is the mean that the pass began with or, where there
 * is none yet, the first element that the state takes a part of; so squares are of the size of the
 * spread and a large mean costs no digits (Chan, Golub &amp; LeVeque 1983, section 3). Counts with
 * unlike centres merge about the mean of both.
 */
public record GaussianEmission(int states, int size) implements Emission {
  static final String MEAN = "mean";
  static final String VARIANCE = "variance";
  private static final double RELATIVE_FLOOR = 1e-6;
  private static final double CONSTANT_FLOOR = 1e-12;

  @Override
  public List<String> parameterNames() {
    return List.of(MEAN, VARIANCE);
  }

  @Override
  public int statisticsSize() {
    return Math.multiplyExact(4, Math.multiplyExact(states, size));
  }

  @Override
  public void centre(NamedArrays parameters, double[] statistics, int at) {
    double[] mean = parameters.array(MEAN, states, size);
    for (int d = 0; d < size; d++) {
      for (int k = 0; k < states; k++) {
        if (seen(statistics, at, d, k) == 0) {
          statistics[index(at, Count.CENTRE, d, k)] = mean[k * size + d];
        }
      }
    }
  }

  @Override
  public void accumulate(
      float[] x, int offset, int rows, double[][] weights, double[] statistics, int at) {
    CountRows counts = new CountRows(statistics, at, states, 4 * size);
    boolean[] settled = new boolean[size];
    for (int r = 0; r < rows; r++) {
      for (int d = 0; d < size; d++) {
        double value = x[offset + r * size + d];
        if (Double.isNaN(value)) {
          continue;
        }
        settled[d] = add(value, weights[r], counts, d, settled[d]);
      }
    }
    counts.writeBack();
  }

  /**
   * Adds a value of element d to the counts.
   *
   * @param settled whether each state has a centre
   * @return whether each has one now
   */
  boolean add(double value, double[] weights, CountRows counts, int d, boolean settled) {
    double[] seen = counts.row(Count.SEEN.place * size + d);
    double[] centre = counts.row(Count.CENTRE.place * size + d);
    boolean centred = settled || settle(value, weights, seen, centre);
    add(
        value,
        weights,
        seen,
        centre,
        counts.row(Count.SUM.place * size + d),
        counts.row(Count.SQUARE.place * size + d));
    return centred;
  }

  /** Gives a centre to the states that have none and take a part of the value. */
  private static boolean settle(double value, double[] weights, double[] seen, double[] centre) {
    boolean all = true;
    for (int k = 0; k < seen.length; k++) {
      if (seen[k] == 0 && centre[k] == 0) {
        centre[k] = weights[k] > 0 ? value : 0;
        all &= weights[k] > 0;
      }
    }
    return all;
  }

  private static void add(
      double value,
      double[] weights,
      double[] seen,
      double[] centre,
      double[] sum,
      double[] square) {
    for (int k = 0; k < seen.length; k++) {
      double deviation = value - centre[k];
      double weighted = weights[k] * deviation;
      seen[k] += weights[k];
      sum[k] += weighted;
      square[k] += weighted * deviation;
    }
  }

  @Override
  public void merge(double[] from, double[] into, int at) {
    for (int d = 0; d < size; d++) {
      for (int k = 0; k < states; k++) {
        double other = seen(from, at, d, k);
        double own = seen(into, at, d, k);
        double difference = centre(from, at, d, k) - centre(into, at, d, k);
        if (other > 0 && own == 0) {
          for (Count count : Count.values()) {
            into[index(at, count, d, k)] = from[index(at, count, d, k)];
          }
        } else if (other > 0) {
          double sum = sum(into, at, d, k) + sum(from, at, d, k) + other * difference;
          double centre =
              difference == 0
                  ? centre(into, at, d, k)
                  : centre(into, at, d, k) + sum / (own + other);
          Spread spread = about(centre, into, at, d, k).plus(about(centre, from, at, d, k));
          into[index(at, Count.SEEN, d, k)] = own + other;
          into[index(at, Count.CENTRE, d, k)] = centre;
          into[index(at, Count.SUM, d, k)] = spread.sum;
          into[index(at, Count.SQUARE, d, k)] = spread.square;
        }
      }
    }
  }

  /** Σ w (x − c) and Σ w (x − c)². */
  private record Spread(double sum, double square) {
    Spread plus(Spread other) {
      return new Spread(sum + other.sum, square + other.square);
    }
  }

  private Spread about(double centre, double[] statistics, int at, int d, int k) {
    double shift = centre(statistics, at, d, k) - centre;
    double sum = sum(statistics, at, d, k);
    double weight = seen(statistics, at, d, k);
    return new Spread(
        sum + weight * shift, square(statistics, at, d, k) + shift * (2 * sum + weight * shift));
  }

  @Override
  public NamedArrays maximize(double[] statistics, int at, NamedArrays into) {
    return estimate(statistics, at, false, into);
  }

  /** Own means, and one variance for all: a few exemplars say nothing of their own spread. */
  @Override
  public NamedArrays start(double[] statistics, int at, NamedArrays into) {
    return estimate(statistics, at, true, into);
  }

  private NamedArrays estimate(double[] statistics, int at, boolean start, NamedArrays into) {
    double[] mean = new double[states * size];
    double[] variance = new double[states * size];
    for (int d = 0; d < size; d++) {
      Pooled pooled = pooled(statistics, at, d, start);
      double floor =
          pooled.variance > 0
              ? Math.max(Double.MIN_NORMAL, RELATIVE_FLOOR * pooled.variance)
              : CONSTANT_FLOOR;
      for (int k = 0; k < states; k++) {
        boolean known = seen(statistics, at, d, k) > 0;
        int i = k * size + d;
        mean[i] = known ? centre(statistics, at, d, k) + offset(statistics, at, d, k) : pooled.mean;
        double own = known && !start ? variance(statistics, at, d, k) : pooled.variance;
        variance[i] = Math.max(floor, own);
      }
    }
    return into.with(MEAN, mean, states, size).with(VARIANCE, variance, states, size);
  }

  @Override
  public NamedArrays ignorant(NamedArrays into) {
    double[] one = new double[states * size];
    Arrays.fill(one, 1);
    return into.with(MEAN, new double[states * size], states, size)
        .with(VARIANCE, one, states, size);
  }

  @Override
  public BoundEmission bind(NamedArrays parameters) {
    double[] mean = parameters.array(MEAN, states, size);
    double[] variance = parameters.array(VARIANCE, states, size);
    for (int i = 0; i < mean.length; i++) {
      require(MEAN, i, mean[i], Double.isFinite(mean[i]), "finite");
      require(VARIANCE, i, variance[i], variance[i] > 0 && Double.isFinite(variance[i]), "above 0");
    }
    return new Bound(states, size, mean, variance);
  }

  static void require(String name, int index, double value, boolean holds, String must) {
    if (!holds) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "parameter '"
              + name
              + "' has "
              + value
              + " at position "
              + index
              + "; it must be "
              + must);
    }
  }

  /** The variance of element d over all states. */
  double pooledVariance(double[] statistics, int at, int d) {
    return pooled(statistics, at, d, false).variance;
  }

  private record Pooled(double mean, double variance) {}

  /** Mean and variance over all states, each state counting by its weight or all equally. */
  private Pooled pooled(double[] statistics, int at, int d, boolean equally) {
    double weight = 0;
    double origin = 0;
    double sum = 0;
    for (int k = 0; k < states; k++) {
      double n = seen(statistics, at, d, k);
      if (n > 0) {
        origin = weight == 0 ? centre(statistics, at, d, k) : origin;
        double share = equally ? 1 : n;
        weight += share;
        sum += share * fromOrigin(statistics, at, d, k, origin);
      }
    }
    if (weight == 0) {
      return new Pooled(0, 1);
    }
    double offset = sum / weight;
    double square = 0;
    for (int k = 0; k < states; k++) {
      double n = seen(statistics, at, d, k);
      if (n > 0) {
        double apart = fromOrigin(statistics, at, d, k, origin) - offset;
        square += (equally ? 1 : n) * (variance(statistics, at, d, k) + apart * apart);
      }
    }
    return new Pooled(origin + offset, square / weight);
  }

  private double fromOrigin(double[] statistics, int at, int d, int k, double origin) {
    return centre(statistics, at, d, k) - origin + offset(statistics, at, d, k);
  }

  /** Of the mean of a state from its centre. */
  private double offset(double[] statistics, int at, int d, int k) {
    return sum(statistics, at, d, k) / seen(statistics, at, d, k);
  }

  private double variance(double[] statistics, int at, int d, int k) {
    double offset = offset(statistics, at, d, k);
    double square = square(statistics, at, d, k) / seen(statistics, at, d, k);
    return Math.max(0, square - offset * offset);
  }

  /** What is counted, [D, K] each, one after the other. */
  private enum Count {
    SEEN(0),
    CENTRE(1),
    SUM(2),
    SQUARE(3);

    private final int place;

    Count(int place) {
      this.place = place;
    }
  }

  private int index(int at, Count count, int d, int k) {
    return at + (count.place * size + d) * states + k;
  }

  double seen(double[] statistics, int at, int d, int k) {
    return statistics[index(at, Count.SEEN, d, k)];
  }

  private double centre(double[] statistics, int at, int d, int k) {
    return statistics[index(at, Count.CENTRE, d, k)];
  }

  private double sum(double[] statistics, int at, int d, int k) {
    return statistics[index(at, Count.SUM, d, k)];
  }

  private double square(double[] statistics, int at, int d, int k) {
    return statistics[index(at, Count.SQUARE, d, k)];
  }

  /** Normal distributions: log p(x | k) = Σ_d −½ (log 2πσ²_kd + (x_d − μ_kd)² / σ²_kd). */
  private static final class Bound implements BoundEmission {
    private final int states;
    private final int size;
    private final double[][] mean; // [D, K]
    private final double[][] halfPrecision; // [D, K]: 1 / 2σ²
    private final double[][] logScale; // [D, K]: −½ log 2πσ²
    private final double[] constant; // [K]: Σ_d of them

    Bound(int states, int size, double[] mean, double[] variance) {
      this.states = states;
      this.size = size;
      this.mean = new double[size][states];
      halfPrecision = new double[size][states];
      logScale = new double[size][states];
      constant = new double[states];
      for (int d = 0; d < size; d++) {
        for (int k = 0; k < states; k++) {
          this.mean[d][k] = mean[k * size + d];
          halfPrecision[d][k] = 0.5 / variance[k * size + d];
          logScale[d][k] = -0.5 * Math.log(2 * Math.PI * variance[k * size + d]);
          constant[k] += logScale[d][k];
        }
      }
    }

    @Override
    public void logProb(float[] x, int offset, int rows, double[][] into) {
      for (int r = 0; r < rows; r++) {
        System.arraycopy(constant, 0, into[r], 0, states);
        for (int d = 0; d < size; d++) {
          double value = x[offset + r * size + d];
          if (Double.isNaN(value)) {
            Rows.subtract(logScale[d], into[r]);
          } else {
            subtractSquares(value, mean[d], halfPrecision[d], into[r]);
          }
        }
      }
    }

    private static void subtractSquares(
        double value, double[] mean, double[] halfPrecision, double[] into) {
      for (int k = 0; k < into.length; k++) {
        double deviation = value - mean[k];
        into[k] -= deviation * deviation * halfPrecision[k];
      }
    }

    @Override
    public Sampler sampler(double temperature) {
      float[] normal = new float[size];
      return (int state, RandomKey key, long first, float[] into, int offset) -> {
        key.fillNormal(first, normal, 0, size);
        for (int d = 0; d < size; d++) {
          double deviation = Math.sqrt(0.5 / halfPrecision[d][state]);
          into[offset + d] = (float) (mean[d][state] + normal[d] * deviation);
        }
      };
    }
  }
}
