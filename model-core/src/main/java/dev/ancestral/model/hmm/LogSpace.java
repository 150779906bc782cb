package dev.ancestral.model.hmm;

import dev.ancestral.model.emission.Probabilities;
import java.util.Arrays;

/**
 * The recursions of a chain in logarithms: slow, but right however improbable a sequence is. Used
 * where scaling would underflow.
 */
final class LogSpace {
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
   * The most probable path (Viterbi 1967; of equals the lowest state); empty if x is impossible.
   */
  static int[] mostProbablePath(Chain chain, float[] x, int offset, int steps) {
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
      return new int[0];
    }
    int[] path = new int[steps];
    for (int t = steps - 1; t >= 0; t--) {
      path[t] = last;
      last = from[t][last];
    }
    return path;
  }

  private static double[][] logarithms(double[][] rows) {
    return Arrays.stream(rows)
        .map(row -> Arrays.stream(row).map(Math::log).toArray())
        .toArray(double[][]::new);
  }
}
