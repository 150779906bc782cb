package dev.ancestral.model.hmm;

import dev.ancestral.model.emission.BoundEmission;
import dev.ancestral.model.emission.Emission;
import dev.ancestral.model.emission.Probabilities;
import dev.ancestral.tensor.NamedArrays;
import java.util.BitSet;

/**
 * A Markov chain of hidden states with its emissions.
 *
 * @param states K
 * @param size D, elements of a step
 * @param initial p(z_0), [K]
 * @param transition p(z_t | z_{t−1}), [K, K], a row for each state before
 * @param transposed the same with a row for each state after
 * @param beginnings states that a sequence may begin in
 * @param successors states that may follow each state
 * @param emission p(x_t | z_t)
 */
record Chain(
    int states,
    int size,
    double[] initial,
    double[][] transition,
    double[][] transposed,
    BitSet beginnings,
    BitSet[] successors,
    BoundEmission emission) {
  static final String INITIAL = "initial";
  static final String TRANSITION = "transition";

  /**
   * The chain with these parameters.
   *
   * @throws dev.ancestral.Refusal (MISMATCH) if one is missing, misshapen or no distribution
   */
  static Chain of(NamedArrays parameters, Emission emission) {
    int states = emission.states();
    double[] flat =
        Probabilities.distributions(
            TRANSITION, parameters.array(TRANSITION, states, states), states);
    double[][] transition = new double[states][states];
    double[][] transposed = new double[states][states];
    BitSet[] successors = new BitSet[states];
    for (int i = 0; i < states; i++) {
      successors[i] = new BitSet(states);
      for (int j = 0; j < states; j++) {
        successors[i].set(j, flat[i * states + j] > 0);
        transition[i][j] = flat[i * states + j];
        transposed[j][i] = transition[i][j];
      }
    }
    double[] initial =
        Probabilities.distributions(INITIAL, parameters.array(INITIAL, states), states);
    BitSet beginnings = new BitSet(states);
    for (int k = 0; k < states; k++) {
      beginnings.set(k, initial[k] > 0);
    }
    return new Chain(
        states,
        emission.size(),
        initial,
        transition,
        transposed,
        beginnings,
        successors,
        emission.bind(parameters));
  }
}
