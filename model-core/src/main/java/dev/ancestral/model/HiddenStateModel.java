package dev.ancestral.model;

import java.util.List;

/** A model of sequences with one of K hidden states at each step. */
public interface HiddenStateModel {

  /** K. */
  int states();

  /**
   * A sequence of states.
   *
   * @param states one a step; none for an example that is impossible
   * @param logProb log p(x, states) in nats, a density where x has one; −∞ for an example that is
   *     impossible. Law: log p(x, states) − log p(x) = log p(states | x) ≤ 0
   */
  record Path(int[] states, double logProb) {}

  /** The most probable sequence of states given each example, [B] (Viterbi 1967). */
  List<Path> mostProbablePaths(Batch x);

  /** p(state at step t is k | x) of each example, [B][length · K], row-major. */
  double[][] posteriors(Batch x);
}
