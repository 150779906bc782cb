package dev.ancestral.distribution.statistics;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.util.Arrays;
import java.util.Locale;

/**
 * How often each pair of variables has each pair of outcomes, weighted for each of K states: what
 * every distribution whose factors are of two variables is estimated from.
 *
 * <p>Kept are the weight of all examples, n(x_i = a) and n(x_i = a, x_j = b) for a, b &gt; 0; what
 * an outcome 0 has follows by subtraction. So an example takes time by the square of its elements
 * that are not 0, which binary data have few of.
 *
 * <p>Counts: rows of K, [1 + Σ_i (V_i − 1) + Σ_{j&lt;i} (V_i − 1)(V_j − 1), K].
 */
public final class PairCounts {
  /** Most counts: a task holds those of a shard and those of all its shards, 1 GB each. */
  static final long MOST = Emission.MOST_COUNTS / 2;

  private final DiscreteVariables variables;
  private final int states;
  private final int[] single; // [D]: row of outcome 1 of each variable
  private final int[] before; // [D]: Σ_{j<i} (V_j − 1)
  private final int[] pair; // [D]: row of the first pair of variable i with an earlier one
  private final int rows;

  /**
   * Counts that begin with nothing.
   *
   * @param description of the event, for messages
   * @throws AncestralException (SPEC) if there are more than memory should hold, before any is
   *     allocated; the message has the numbers and the variable with the most outcomes
   */
  public PairCounts(DiscreteVariables variables, int states, String description) {
    this.variables = variables;
    this.states = states;
    int size = variables.size();
    requireFew(description);
    single = new int[size];
    before = new int[size];
    pair = new int[size];
    int ofEarlier = 0;
    for (int i = 0; i < size; i++) {
      single[i] = 1 + ofEarlier;
      before[i] = ofEarlier;
      ofEarlier += variables.outcomes(i) - 1;
    }
    int row = 1 + ofEarlier;
    for (int i = 0; i < size; i++) {
      pair[i] = row;
      row += (variables.outcomes(i) - 1) * before[i];
    }
    rows = row;
  }

  private void requireFew(String description) {
    double counts = 1;
    double earlier = 0;
    int largest = 0;
    for (int i = 0; i < variables.size(); i++) {
      double own = variables.outcomes(i) - 1.0;
      counts += own + own * earlier;
      earlier += own;
      largest = variables.outcomes(i) > variables.outcomes(largest) ? i : largest;
    }
    if (counts * states > MOST) {
      throw new AncestralException(
          ErrorCode.SPEC,
          states
              + (states == 1 ? " component" : " components")
              + " over "
              + description
              + " take "
              + String.format(Locale.ROOT, "%.0f", counts * states)
              + " pairwise counts (about components · variables² · outcomes² / 2; "
              + variables.name(largest)
              + " has the most outcomes, "
              + variables.outcomes(largest)
              + "); at most "
              + MOST
              + " can be kept: take fewer components, or prepare the data with fewer variables or"
              + " values");
    }
  }

  /** Length of the counts. */
  public int size() {
    return Math.multiplyExact(rows, states);
  }

  private int row(int i, int a) {
    return single[i] + a - 1;
  }

  /** The row of a pair with j &lt; i and both outcomes above 0. */
  private int row(int i, int a, int j, int b) {
    return pair[i] + (a - 1) * before[i] + before[j] + b - 1;
  }

  /**
   * Adds examples to counts. Rows of counts are copied out when they are first asked for, which
   * {@link Rows} says why, and come back by {@link #close}.
   */
  public final class Adder implements AutoCloseable {
    private final CountRows counts;
    private final int[] above = new int[variables.size()];

    private Adder(double[] statistics, int at) {
      counts = new CountRows(statistics, at, states, rows);
    }

    /**
     * Adds an example none of whose variables is missing.
     *
     * @param x outcomes, [D]
     * @param weights of it in each state, [K]
     */
    public void add(int[] x, double[] weights) {
      Rows.add(weights, counts.row(0));
      int count = 0;
      for (int i = 0; i < x.length; i++) {
        if (x[i] == 0) {
          continue;
        }
        Rows.add(weights, counts.row(row(i, x[i])));
        int ofI = pair[i] + (x[i] - 1) * before[i] - 1;
        for (int n = 0; n < count; n++) {
          int j = above[n];
          Rows.add(weights, counts.row(ofI + before[j] + x[j]));
        }
        above[count++] = i;
      }
    }

    /**
     * Adds an example to one state by the probabilities of pairs of outcomes.
     *
     * @param weight of the example in the state
     */
    public void addExpected(int state, double weight, PairProbabilities probabilities) {
      counts.row(0)[state] += weight;
      for (int i = 0; i < variables.size(); i++) {
        double[] own = probabilities.of(i);
        for (int a = 1; a < own.length; a++) {
          counts.row(row(i, a))[state] += weight * own[a];
        }
        for (int j = 0; j < i; j++) {
          int outcomes = variables.outcomes(j);
          double[] both = probabilities.of(i, j);
          for (int a = 1; a < own.length; a++) {
            for (int b = 1; b < outcomes; b++) {
              double p = both[a * outcomes + b];
              if (p > 0) {
                counts.row(row(i, a, j, b))[state] += weight * p;
              }
            }
          }
        }
      }
    }

    @Override
    public void close() {
      counts.writeBack();
    }
  }

  /** Probabilities of the outcomes of an example some of whose variables are missing. */
  public interface PairProbabilities {
    /** p(x_i = a), [V_i]. */
    double[] of(int i);

    /** p(x_i = a, x_j = b) with j &lt; i, [V_i, V_j]. */
    double[] of(int i, int j);
  }

  /** Adds to counts from {@code at} on. */
  public Adder adder(double[] statistics, int at) {
    return new Adder(statistics, at);
  }

  /** The weight of all examples in each state, [K]. */
  public double[] weights(double[] statistics, int at) {
    return Arrays.copyOfRange(statistics, at, at + states);
  }

  /** n(x_i = a) in a state, [V_i]. */
  private double[] single(double[] statistics, int at, int state, int i) {
    double[] counts = new double[variables.outcomes(i)];
    counts[0] = statistics[at + state];
    for (int a = 1; a < counts.length; a++) {
      counts[a] = statistics[at + row(i, a) * states + state];
      counts[0] -= counts[a];
    }
    // A difference of sums may be a rounding error below what it is.
    counts[0] = Math.max(0, counts[0]);
    return counts;
  }

  /** Counts of one state: those of all states, each multiplied by its factor, [K]. */
  public double[] weighted(double[] statistics, int at, double[] factors) {
    double[] all = new double[rows];
    for (int row = 0; row < rows; row++) {
      for (int k = 0; k < states; k++) {
        all[row] += factors[k] * statistics[at + row * states + k];
      }
    }
    return all;
  }

  /** n(x_i = a, x_j = b) in a state, [V_i, V_j]; n(x_i = a), [V_i], of a variable with itself. */
  public double[] pair(double[] statistics, int at, int state, int i, int j) {
    if (i == j) {
      return single(statistics, at, state, i);
    }
    int rowsOf = variables.outcomes(i);
    int columnsOf = variables.outcomes(j);
    double[] counts = new double[rowsOf * columnsOf];
    double[] first = single(statistics, at, state, i);
    double[] second = single(statistics, at, state, j);
    System.arraycopy(second, 0, counts, 0, columnsOf);
    for (int a = 1; a < rowsOf; a++) {
      double rest = first[a];
      for (int b = 1; b < columnsOf; b++) {
        int row = j < i ? row(i, a, j, b) : row(j, b, i, a);
        double count = statistics[at + row * states + state];
        counts[a * columnsOf + b] = count;
        counts[b] -= count;
        rest -= count;
      }
      counts[a * columnsOf] = Math.max(0, rest);
      counts[0] -= counts[a * columnsOf];
    }
    for (int b = 0; b < columnsOf; b++) {
      counts[b] = Math.max(0, counts[b]);
    }
    return counts;
  }
}
