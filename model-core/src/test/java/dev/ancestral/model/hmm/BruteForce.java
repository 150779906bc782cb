package dev.ancestral.model.hmm;

import dev.ancestral.tensor.NamedArrays;
import java.util.function.IntBinaryOperator;
import java.util.function.ToDoubleBiFunction;

/** Everything about one sequence by summing over all K^T paths. */
final class BruteForce {
  final int states;
  final int steps;
  double total;
  double bestWeight;
  int[] bestPath = new int[0];
  final double[][] posterior; // [T, K]
  final double[][] transitions; // [K, K]

  /**
   * Sums over all paths.
   *
   * @param emission p(x_t | z_t = k) of (t, k)
   */
  BruteForce(
      NamedArrays parameters,
      int states,
      int steps,
      ToDoubleBiFunction<Integer, Integer> emission) {
    this.states = states;
    this.steps = steps;
    posterior = new double[steps][states];
    transitions = new double[states][states];
    double[] initial = parameters.array("initial", states);
    double[] transition = parameters.array("transition", states, states);
    IntBinaryOperator stateAt = (path, t) -> (int) (path / Math.pow(states, t)) % states;
    for (int path = 0; path < Math.pow(states, steps); path++) {
      double weight = initial[stateAt.applyAsInt(path, 0)];
      for (int t = 0; t < steps; t++) {
        int k = stateAt.applyAsInt(path, t);
        if (t > 0) {
          weight *= transition[stateAt.applyAsInt(path, t - 1) * states + k];
        }
        weight *= emission.applyAsDouble(t, k);
      }
      total += weight;
      for (int t = 0; t < steps; t++) {
        posterior[t][stateAt.applyAsInt(path, t)] += weight;
        if (t > 0) {
          transitions[stateAt.applyAsInt(path, t - 1)][stateAt.applyAsInt(path, t)] += weight;
        }
      }
      if (weight > bestWeight) {
        bestWeight = weight;
        bestPath = new int[steps];
        for (int t = 0; t < steps; t++) {
          bestPath[t] = stateAt.applyAsInt(path, t);
        }
      }
    }
    for (int t = 0; t < steps; t++) {
      for (int k = 0; k < states; k++) {
        posterior[t][k] /= total;
      }
    }
    for (int i = 0; i < states; i++) {
      for (int j = 0; j < states; j++) {
        transitions[i][j] /= total;
      }
    }
  }
}
