package dev.ancestral.model;

/** A model of sequences with one of K hidden states at each step. */
public interface HiddenStateModel {

  /** K. */
  int states();

  /**
   * The most probable sequence of states given each example, [B][length]; empty for an example that
   * is impossible (Viterbi 1967).
   */
  int[][] mostProbablePaths(Batch x);

  /** p(state at step t is k | x) of each example, [B][length · K], row-major. */
  double[][] posteriors(Batch x);
}
