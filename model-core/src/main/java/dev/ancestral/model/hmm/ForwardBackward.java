package dev.ancestral.model.hmm;

import dev.ancestral.distribution.statistics.Probabilities;
import dev.ancestral.distribution.statistics.Rows;
import dev.ancestral.model.HiddenStateModel;
import dev.ancestral.model.hmm.BoundHmm.Chain;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * The scaled forward and backward recursions (Rabiner 1989, section V.A) in float64.
 *
 * <p>A sequence is walked in blocks. The forward pass keeps its state at the beginning of each
 * block only; the backward pass makes the inside of a block again when it comes to it. So memory
 * grows with the number of blocks, not of steps, and short sequences are walked once.
 *
 * <p>Forward values below 10⁻²⁹⁰ of their sum are taken as zero, so that no backward value can
 * overflow. Emissions are scaled by the largest among the states that are possible at all, so what
 * was dropped can contribute 10⁻²⁹⁰ at most; where the sum itself comes near that, the sequence is
 * done in logarithms.
 */
final class ForwardBackward {
  private static final int BLOCK = 1024;
  private static final double NEGLIGIBLE = 1e-290;
  private static final double UNDERFLOW = 1e-250;

  private final Chain chain;
  private final int states;
  private final int block;
  private final double[][] forward; // [block, K]: p(z_t | x_0..t)
  private final double[][] emission; // [block, K]: p(x_t | z_t) up to a factor of the step
  private final double[][] backward; // [block, K]: p(x_t.. | z_t) / p(x_t.. | x_0..t−1)
  private final double[] scale; // [block]
  private final double[][] posterior; // [block, K]
  private final double[] sum; // [K]
  private final double[] column; // [block]
  private final double[][] products; // [K, K]
  private BitSet possible; // states of the last step that have not probability zero

  /** Takes p(z_t = k | x) of some steps, [steps, K]; the last steps come first. */
  interface PosteriorSink {
    void accept(int firstStep, int steps, double[][] posteriors);
  }

  /**
   * Working memory for sequences of this chain.
   *
   * @param longest steps of the longest sequence to come
   */
  ForwardBackward(Chain chain, int longest) {
    this.chain = chain;
    states = chain.states();
    block = Math.max(1, Math.min(BLOCK, longest));
    forward = new double[block][states];
    emission = new double[block][states];
    backward = new double[block][states];
    scale = new double[block];
    posterior = new double[block][states];
    sum = new double[states];
    column = new double[block];
    products = new double[states][states];
  }

  /** The state of the forward pass between two blocks. */
  private record Boundary(double[] forward, BitSet possible) {}

  /**
   * log p(x) given its length.
   *
   * @param x rows of D elements, the first at {@code offset}
   */
  double logProb(float[] x, int offset, int steps) {
    double logProb = 0;
    for (int first = 0; first < steps; first += block) {
      Boundary before = first == 0 ? null : new Boundary(forward[block - 1].clone(), possible);
      logProb += forward(before, x, offset, first, Math.min(block, steps - first));
      if (logProb == Double.NEGATIVE_INFINITY) {
        return logProb;
      }
      if (Double.isNaN(logProb)) {
        return new LogSpace(chain, x, offset, steps).logProb();
      }
    }
    return logProb;
  }

  /**
   * log p(x), with the posteriors of states and transitions given x; nothing is added where x is
   * impossible.
   *
   * @param transitions receives Σ_t p(z_t = i, z_{t+1} = j | x), [K, K], added to what is there
   */
  double expectations(
      float[] x, int offset, int steps, double[][] transitions, PosteriorSink posteriors) {
    List<Boundary> before = new ArrayList<>();
    double logProb = 0;
    for (int first = 0; first < steps; first += block) {
      before.add(first == 0 ? null : new Boundary(forward[block - 1].clone(), possible));
      logProb +=
          forward(before.get(first / block), x, offset, first, Math.min(block, steps - first));
      if (logProb == Double.NEGATIVE_INFINITY) {
        return logProb;
      }
      if (Double.isNaN(logProb)) {
        return expectationsInLogarithms(x, offset, steps, transitions, posteriors);
      }
    }
    for (double[] row : products) {
      Arrays.fill(row, 0);
    }
    double[] later = null;
    for (int b = before.size() - 1; b >= 0; b--) {
      int first = b * block;
      int rows = Math.min(block, steps - first);
      if (b < before.size() - 1) {
        forward(before.get(b), x, offset, first, rows);
      }
      backward(rows, later);
      addProducts(rows, later);
      later = backward[0].clone();
      posteriors.accept(first, rows, posterior);
    }
    for (int i = 0; i < states; i++) {
      Rows.addProduct(chain.transition()[i], products[i], transitions[i]);
    }
    return logProb;
  }

  private double expectationsInLogarithms(
      float[] x, int offset, int steps, double[][] transitions, PosteriorSink posteriors) {
    LogSpace exact = new LogSpace(chain, x, offset, steps);
    double logProb = exact.logProb();
    if (logProb > Double.NEGATIVE_INFINITY) {
      posteriors.accept(0, steps, exact.posteriors(transitions));
    }
    return logProb;
  }

  /**
   * Walks a block forward.
   *
   * @param before the step before; null at the beginning of the sequence
   * @return its part of log p(x); −∞ where x is impossible, NaN where scaling does not suffice
   */
  private double forward(Boundary before, float[] x, int offset, int first, int rows) {
    chain.emission().logProb(x, offset + first * chain.size(), rows, emission);
    double logProb = 0;
    possible = before == null ? null : before.possible();
    double[] previous = before == null ? null : before.forward();
    for (int t = 0; t < rows; t++) {
      double[] current = forward[t];
      if (previous == null) {
        System.arraycopy(chain.initial(), 0, current, 0, states);
      } else {
        Arrays.fill(current, 0);
        Rows.addWeighted(previous, chain.transition(), states, current);
      }
      possible = reachable(possible);
      double part = observe(current, emission[t], t);
      if (!Double.isFinite(part)) {
        return part;
      }
      logProb += part;
      previous = current;
    }
    return logProb;
  }

  private BitSet reachable(BitSet from) {
    if (from == null) {
      return (BitSet) chain.beginnings().clone();
    }
    BitSet reachable = new BitSet(states);
    int i = from.nextSetBit(0);
    while (i >= 0 && reachable.cardinality() < states) {
      reachable.or(chain.successors()[i]);
      i = from.nextSetBit(i + 1);
    }
    return reachable;
  }

  /** Turns p(z_t | x_0..t−1) into p(z_t | x_0..t), and gives log p(x_t | x_0..t−1), −∞ or NaN. */
  private double observe(double[] current, double[] observed, int t) {
    double shift = Double.NEGATIVE_INFINITY;
    for (int k = possible.nextSetBit(0); k >= 0; k = possible.nextSetBit(k + 1)) {
      if (observed[k] == Double.NEGATIVE_INFINITY) {
        possible.clear(k);
      }
      shift = Math.max(shift, observed[k]);
    }
    if (shift == Double.NEGATIVE_INFINITY) {
      return shift;
    }
    double total = 0;
    for (int k = 0; k < states; k++) {
      observed[k] = current[k] >= NEGLIGIBLE ? Math.exp(observed[k] - shift) : 0;
      current[k] *= observed[k];
      total += current[k];
    }
    if (!(total > UNDERFLOW)) {
      return Double.NaN;
    }
    scale[t] = 1 / total;
    for (int k = 0; k < states; k++) {
      double scaled = current[k] * scale[t];
      current[k] = scaled < NEGLIGIBLE ? 0 : scaled;
    }
    return Math.log(total) + shift;
  }

  /**
   * Walks a block backward.
   *
   * @param later backward values of the first step after the block; null at the end of the sequence
   */
  private void backward(int rows, double[] later) {
    double[] next = later;
    for (int t = rows - 1; t >= 0; t--) {
      if (next == null) {
        Arrays.fill(sum, 1);
      } else {
        Arrays.fill(sum, 0);
        Rows.addWeighted(next, chain.transposed(), states, sum);
      }
      for (int k = 0; k < states; k++) {
        posterior[t][k] = forward[t][k] * sum[k];
        backward[t][k] = forward[t][k] > 0 ? emission[t][k] * sum[k] * scale[t] : 0;
      }
      next = backward[t];
    }
  }

  /** Adds Σ_t forward_t(i) · backward_{t+1}(j) over the steps of a block. */
  private void addProducts(int rows, double[] later) {
    double[][] next = Arrays.copyOfRange(backward, 1, rows + 1);
    next[rows - 1] = later;
    for (int i = 0; i < states; i++) {
      for (int t = 0; t < rows; t++) {
        column[t] = forward[t][i];
      }
      Rows.addWeighted(column, next, later == null ? rows - 1 : rows, products[i]);
    }
  }

  /**
   * The recursions of a chain in logarithms: slow, but right however improbable a sequence is. Used
   * where scaling would underflow.
   */
  static final class LogSpace {
    private final Chain chain;
    private final int steps;
    private final double[][] transition; // [K, K]: log p(z_t | z_{t−1})
    private final double[][] emission; // [T, K]: log p(x_t | z_t)
    private final double[][] forward; // [T, K]: log p(x_0..t, z_t)

    /** Runs the forward recursion over the rows of x from {@code offset} on. */
    LogSpace(Chain chain, float[] x, int offset, int steps) {
      this.chain = chain;
      this.steps = steps;
      int states = chain.states();
      transition = logarithms(chain.transition());
      emission = new double[steps][states];
      forward = new double[steps][states];
      chain.emission().logProb(x, offset, steps, emission);
      double[] terms = new double[states];
      for (int t = 0; t < steps; t++) {
        for (int j = 0; j < states; j++) {
          for (int i = 0; t > 0 && i < states; i++) {
            terms[i] = forward[t - 1][i] + transition[i][j];
          }
          double before = t == 0 ? Math.log(chain.initial()[j]) : Probabilities.logSumExp(terms);
          forward[t][j] = before + emission[t][j];
        }
      }
    }

    /** log p(x); −∞ where x is impossible. */
    double logProb() {
      return Probabilities.logSumExp(forward[steps - 1]);
    }

    /**
     * p(z_t = k | x), [T, K], of a possible sequence.
     *
     * @param transitions receives Σ_t p(z_t = i, z_{t+1} = j | x), [K, K], added to what is there
     */
    double[][] posteriors(double[][] transitions) {
      int states = chain.states();
      double logProb = logProb();
      double[][] posteriors = new double[steps][states];
      double[] backward = new double[states];
      double[] earlier = new double[states];
      double[] terms = new double[states];
      for (int t = steps - 1; t >= 0; t--) {
        for (int k = 0; k < states; k++) {
          posteriors[t][k] = Math.exp(forward[t][k] + backward[k] - logProb);
        }
        for (int i = 0; t > 0 && i < states; i++) {
          for (int j = 0; j < states; j++) {
            terms[j] = transition[i][j] + emission[t][j] + backward[j];
            transitions[i][j] += Math.exp(forward[t - 1][i] + terms[j] - logProb);
          }
          earlier[i] = Probabilities.logSumExp(terms);
        }
        System.arraycopy(earlier, 0, backward, 0, states);
      }
      return posteriors;
    }

    /**
     * The most probable path (Viterbi 1967; of equals the lowest state) with log p(x, path); empty
     * and −∞ if x is impossible.
     */
    static HiddenStateModel.Path mostProbablePath(Chain chain, float[] x, int offset, int steps) {
      int states = chain.states();
      double[][] transposed = logarithms(chain.transposed());
      double[] best = Arrays.stream(chain.initial()).map(Math::log).toArray();
      double[] next = new double[states];
      double[][] emission = new double[1][states];
      int[][] from = new int[steps][states];
      for (int t = 0; t < steps; t++) {
        chain.emission().logProb(x, offset + t * chain.size(), 1, emission);
        for (int j = 0; j < states; j++) {
          if (t == 0) {
            next[j] = best[j];
          } else {
            int argument = 0;
            double largest = Double.NEGATIVE_INFINITY;
            for (int i = 0; i < states; i++) {
              double value = best[i] + transposed[j][i];
              if (value > largest) {
                largest = value;
                argument = i;
              }
            }
            next[j] = largest;
            from[t][j] = argument;
          }
          next[j] += emission[0][j];
        }
        System.arraycopy(next, 0, best, 0, states);
      }
      int last = 0;
      for (int k = 1; k < states; k++) {
        last = best[k] > best[last] ? k : last;
      }
      if (best[last] == Double.NEGATIVE_INFINITY) {
        return new HiddenStateModel.Path(new int[0], Double.NEGATIVE_INFINITY);
      }
      double logProb = best[last];
      int[] path = new int[steps];
      for (int t = steps - 1; t >= 0; t--) {
        path[t] = last;
        last = from[t][last];
      }
      return new HiddenStateModel.Path(path, logProb);
    }

    private static double[][] logarithms(double[][] rows) {
      return Arrays.stream(rows)
          .map(row -> Arrays.stream(row).map(Math::log).toArray())
          .toArray(double[][]::new);
    }
  }
}
