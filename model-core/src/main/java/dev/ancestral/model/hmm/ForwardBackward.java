package dev.ancestral.model.hmm;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The scaled forward and backward recursions (Rabiner 1989, section V.A) in float64.
 *
 * <p>A sequence is walked in blocks. The forward pass keeps its state at the beginning of each
 * block only; the backward pass makes the inside of a block again when it comes to it. So memory
 * grows with the number of blocks, not of steps, and short sequences are walked once.
 *
 * <p>Forward values below 10⁻²⁹⁰ of their sum are taken as zero, so that no backward value can
 * overflow; where the sum itself comes near that, the sequence is done in logarithms.
 */
final class ForwardBackward {
  private static final int BLOCK = 1024;
  private static final double NEGLIGIBLE = 1e-290;
  private static final double UNDERFLOW = 1e-250;

  private final Chain chain;
  private final int states;
  private final int block;
  private final double[] forward; // [block, K]: p(z_t | x_0..t)
  private final double[] emission; // [block, K]: p(x_t | z_t) up to a factor of the step
  private final double[] backward; // [block, K]: p(x_t.. | z_t) / p(x_t.. | x_0..t−1)
  private final double[] scale; // [block]
  private final double[] posterior; // [block, K]
  private final double[] sum; // [K]
  private final double[] products; // [K, K]

  /** Takes p(z_t = k | x) of some steps, [steps, K]; the last steps come first. */
  interface PosteriorSink {
    void accept(int firstStep, int steps, double[] posteriors);
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
    forward = new double[block * states];
    emission = new double[block * states];
    backward = new double[block * states];
    scale = new double[block];
    posterior = new double[block * states];
    sum = new double[states];
    products = new double[states * states];
  }

  /**
   * log p(x) given its length.
   *
   * @param x rows of D elements, the first at {@code offset}
   */
  double logProb(float[] x, int offset, int steps) {
    double logProb = 0;
    for (int first = 0; first < steps; first += block) {
      int rows = Math.min(block, steps - first);
      logProb += forward(first == 0 ? null : lastForward(block), x, offset, first, rows);
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
      float[] x, int offset, int steps, double[] transitions, PosteriorSink posteriors) {
    List<double[]> beginnings = new ArrayList<>();
    double logProb = 0;
    for (int first = 0; first < steps; first += block) {
      int rows = Math.min(block, steps - first);
      beginnings.add(first == 0 ? null : lastForward(block));
      logProb += forward(beginnings.get(first / block), x, offset, first, rows);
      if (Double.isNaN(logProb)) {
        return expectationsInLogarithms(x, offset, steps, transitions, posteriors);
      }
    }
    Arrays.fill(products, 0);
    double[] later = null;
    for (int b = beginnings.size() - 1; b >= 0; b--) {
      int first = b * block;
      int rows = Math.min(block, steps - first);
      if (b < beginnings.size() - 1) {
        forward(beginnings.get(b), x, offset, first, rows);
      }
      backward(rows, later);
      addProducts(rows, later);
      later = Arrays.copyOf(backward, states);
      posteriors.accept(first, rows, posterior);
    }
    for (int ij = 0; ij < products.length; ij++) {
      transitions[ij] += chain.transition()[ij] * products[ij];
    }
    return logProb;
  }

  private double expectationsInLogarithms(
      float[] x, int offset, int steps, double[] transitions, PosteriorSink posteriors) {
    LogSpace exact = new LogSpace(chain, x, offset, steps);
    double logProb = exact.logProb();
    if (logProb > Double.NEGATIVE_INFINITY) {
      posteriors.accept(0, steps, exact.posteriors(transitions));
    }
    return logProb;
  }

  private double[] lastForward(int rows) {
    return Arrays.copyOfRange(forward, (rows - 1) * states, rows * states);
  }

  /**
   * Walks a block forward.
   *
   * @param before p(z | x) at the step before; null at the beginning of the sequence
   * @return its part of log p(x), or NaN where scaling does not suffice
   */
  private double forward(double[] before, float[] x, int offset, int first, int rows) {
    chain.emission().logProb(x, offset + first * chain.size(), rows, emission);
    double logProb = 0;
    for (int t = 0; t < rows; t++) {
      int at = t * states;
      if (t == 0 && before == null) {
        System.arraycopy(chain.initial(), 0, forward, 0, states);
      } else {
        Arrays.fill(forward, at, at + states, 0);
        double[] from = t == 0 ? before : forward;
        int fromAt = t == 0 ? 0 : at - states;
        WeightedRows.add(from, fromAt, 1, states, chain.transition(), 0, states, forward, at);
      }
      double shift = Double.NEGATIVE_INFINITY;
      for (int k = at; k < at + states; k++) {
        if (forward[k] >= NEGLIGIBLE) {
          shift = Math.max(shift, emission[k]);
        }
      }
      if (shift == Double.NEGATIVE_INFINITY) {
        return Double.NaN;
      }
      double total = 0;
      for (int k = at; k < at + states; k++) {
        emission[k] = forward[k] >= NEGLIGIBLE ? Math.exp(emission[k] - shift) : 0;
        forward[k] *= emission[k];
        total += forward[k];
      }
      if (!(total > UNDERFLOW)) {
        return Double.NaN;
      }
      double inverse = 1 / total;
      for (int k = at; k < at + states; k++) {
        double scaled = forward[k] * inverse;
        forward[k] = scaled < NEGLIGIBLE ? 0 : scaled;
      }
      scale[t] = inverse;
      logProb += Math.log(total) + shift;
    }
    return logProb;
  }

  /**
   * Walks a block backward, leaving in {@code backward} the values that the step before needs.
   *
   * @param later those of the first step after the block; null at the end of the sequence
   */
  private void backward(int rows, double[] later) {
    for (int t = rows - 1; t >= 0; t--) {
      int at = t * states;
      if (t == rows - 1 && later == null) {
        Arrays.fill(sum, 1);
      } else {
        Arrays.fill(sum, 0);
        double[] from = t == rows - 1 ? later : backward;
        int fromAt = t == rows - 1 ? 0 : at + states;
        WeightedRows.add(from, fromAt, 1, states, chain.transposed(), 0, states, sum, 0);
      }
      for (int k = 0; k < states; k++) {
        posterior[at + k] = forward[at + k] * sum[k];
        backward[at + k] = forward[at + k] > 0 ? emission[at + k] * sum[k] * scale[t] : 0;
      }
    }
  }

  /** Adds Σ_t forward_t(i) · backward_{t+1}(j) over the steps of a block. */
  private void addProducts(int rows, double[] later) {
    for (int i = 0; i < states; i++) {
      WeightedRows.add(
          forward, i, states, rows - 1, backward, states, states, products, i * states);
      if (later != null) {
        WeightedRows.add(
            forward, (rows - 1) * states + i, 1, 1, later, 0, states, products, i * states);
      }
    }
  }
}
