package dev.ancestral.oracle;

/**
 * Everything about one sequence of a hidden Markov model by summing over all K^T paths of its
 * states.
 */
final class StatePaths {
  private final int states;
  private final int steps;
  private double probability;
  private double best;
  private final double[] posteriors; // [T · K], not divided by the probability yet
  private final double[] transitions; // [K · K], the same

  /**
   * Sums over all paths.
   *
   * @param initial p(z_0), [K]
   * @param transition p(z_t | z_{t−1}), [K · K], a row for each state before
   * @param emission p(x_t | z_t), [T][K]
   */
  StatePaths(double[] initial, double[] transition, double[][] emission) {
    states = initial.length;
    steps = emission.length;
    posteriors = new double[steps * states];
    transitions = new double[states * states];
    int[] path = new int[steps];
    do {
      double weight = joint(path, initial, transition, emission);
      probability += weight;
      best = Math.max(best, weight);
      for (int t = 0; t < steps; t++) {
        posteriors[t * states + path[t]] += weight;
        if (t > 0) {
          transitions[path[t - 1] * states + path[t]] += weight;
        }
      }
    } while (next(path));
  }

  /** p(x, path). */
  static double joint(int[] path, double[] initial, double[] transition, double[][] emission) {
    double weight = initial[path[0]] * emission[0][path[0]];
    for (int t = 1; t < path.length; t++) {
      weight *= transition[path[t - 1] * initial.length + path[t]] * emission[t][path[t]];
    }
    return weight;
  }

  private boolean next(int[] path) {
    for (int t = 0; t < steps; t++) {
      path[t]++;
      if (path[t] < states) {
        return true;
      }
      path[t] = 0;
    }
    return false;
  }

  double logProb() {
    return Math.log(probability);
  }

  /** log p(x, z) of the most probable path z. */
  double logBest() {
    return Math.log(best);
  }

  /** p(z_t = k | x). */
  double posterior(int t, int k) {
    return posteriors[t * states + k] / probability;
  }

  /** Σ_t p(z_t = i, z_{t+1} = j | x). */
  double transition(int i, int j) {
    return transitions[i * states + j] / probability;
  }
}
