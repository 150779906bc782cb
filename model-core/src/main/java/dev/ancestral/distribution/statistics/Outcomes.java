package dev.ancestral.distribution.statistics;

import dev.ancestral.random.RandomKey;

/**
 * The values of a variable as finitely many outcomes, within each of which probability is shared in
 * a fixed way.
 */
sealed interface Outcomes
    permits CategoryOutcomes, WholeOutcomes, RealOutcomes, DiscreteVariables.LevelOutcomes {

  /** C, how many there are. */
  int count();

  /** The outcome that elements are of. */
  int of(float[] x, int at);

  /** How many values an outcome has, among which its probability is even; 0 for a tail. */
  long values(int outcome);

  /** Whether one of its values may be drawn. */
  boolean drawable(int outcome);

  /**
   * log p(value | outcome) in nats beyond the even share: 0 but for tails and real numbers.
   *
   * @param outcome that the elements are of
   */
  double logWithin(int outcome, float[] x, int at);

  /** Writes the elements of a value of an outcome, drawn by draw number {@code index}. */
  void draw(int outcome, RandomKey key, long index, float[] into, int at);

  /** Writes the elements of the value in the middle of an outcome. */
  void middle(int outcome, float[] into, int at);
}
