package dev.ancestral.model.hmm;

import dev.ancestral.model.emission.Probabilities;
import java.util.Arrays;

/**
 * The recursions of a chain in logarithms: slow, but right however improbable a sequence is. Used
 * where scaling would underflow.
 */
final class LogSpace {
  private final Chain chain;
  private final int states;
  private final int steps;
  private final double[] emission; // [T, K]
  private final double[] forward; // [T, K]: log p(x_0..t, z_t)

  /** Runs the forward recursion over the rows of x from {@code offset} on. */
  LogSpace(Chain chain, float[] x, int offset, int steps) {
    this.chain = chain;
    this.steps = steps;
    states = chain.states();
    emission = new double[Math.multiplyExact(steps, states)];
    forward = new double[emission.length];
    chain.emission().logProb(x, offset, steps, emission);
    double[] terms = new double[states];
    for (int t = 0; t < steps; t++) {
      for (int j = 0; j < states; j++) {
        double before;
        if (t == 0) {
          before = Math.log(chain.initial()[j]);
        } else {
          for (int i = 0; i < states; i++) {
            terms[i] = forward[(t - 1) * states + i] + logTransition(i, j);
          }
          before = Probabilities.logSumExp(terms, 0, states);
        }
        forward[t * states + j] = before + emission[t * states + j];
      }
    }
  }

  private double logTransition(int i, int j) {
    return Math.log(chain.transition()[i * states + j]);
  }

  /** log p(x); −∞ where x is impossible. */
  double logProb() {
    return Probabilities.logSumExp(forward, (steps - 1) * states, states);
  }

  /**
   * p(z_t = k | x), [T, K], of a possible sequence.
   *
   * @param transitions receives Σ_t p(z_t = i, z_{t+1} = j | x), [K, K], added to what is there
   */
  double[] posteriors(double[] transitions) {
    double logProb = logProb();
    double[] posteriors = new double[forward.length];
    double[] backward = new double[states];
    double[] earlier = new double[states];
    double[] terms = new double[states];
    for (int t = steps - 1; t >= 0; t--) {
      for (int k = 0; k < states; k++) {
        posteriors[t * states + k] = Math.exp(forward[t * states + k] + backward[k] - logProb);
      }
      if (t == 0) {
        break;
      }
      for (int i = 0; i < states; i++) {
        for (int j = 0; j < states; j++) {
          terms[j] = logTransition(i, j) + emission[t * states + j] + backward[j];
          transitions[i * states + j] +=
              Math.exp(forward[(t - 1) * states + i] + terms[j] - logProb);
        }
        earlier[i] = Probabilities.logSumExp(terms, 0, states);
      }
      System.arraycopy(earlier, 0, backward, 0, states);
    }
    return posteriors;
  }

  /**
   * The most probable path (Viterbi 1967; of equals the lowest state); empty if x is impossible.
   */
  static int[] mostProbablePath(Chain chain, float[] x, int offset, int steps) {
    int states = chain.states();
    double[] best = Arrays.stream(chain.initial()).map(Math::log).toArray();
    double[] logTransposed = Arrays.stream(chain.transposed()).map(Math::log).toArray();
    double[] emission = new double[states];
    double[] next = new double[states];
    int[] from = new int[Math.multiplyExact(steps, states)];
    for (int t = 0; t < steps; t++) {
      chain.emission().logProb(x, offset + t * chain.size(), 1, emission);
      for (int j = 0; j < states; j++) {
        if (t == 0) {
          next[j] = best[j];
        } else {
          int argument = 0;
          double largest = Double.NEGATIVE_INFINITY;
          for (int i = 0; i < states; i++) {
            double value = best[i] + logTransposed[j * states + i];
            if (value > largest) {
              largest = value;
              argument = i;
            }
          }
          next[j] = largest;
          from[t * states + j] = argument;
        }
        next[j] += emission[j];
      }
      System.arraycopy(next, 0, best, 0, states);
    }
    int last = 0;
    for (int k = 1; k < states; k++) {
      last = best[k] > best[last] ? k : last;
    }
    if (best[last] == Double.NEGATIVE_INFINITY) {
      return new int[0];
    }
    int[] path = new int[steps];
    for (int t = steps - 1; t >= 0; t--) {
      path[t] = last;
      last = from[t * states + last];
    }
    return path;
  }
}
