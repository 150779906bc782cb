package dev.ancestral.model;

/**
 * A family with its settings and event fixed: the mathematics, without parameters. Sealed by the
 * way it learns.
 */
public sealed interface Definition permits Network, StatisticsModel {
  EventSpec event();

  /**
   * A definition of sequences whose end is learned: log p is that of the symbols with the end
   * symbol, and draws end with it.
   *
   * <p>Law: the sum of p over the sequences of up to L steps that end tends to the probability that
   * a draw ever ends, as L grows.
   */
  interface LearnsEnds {}

  /**
   * Which distribution the log-likelihood is of. By default no label is given, and of sequences the
   * length is.
   */
  default Condition condition() {
    return Condition.of(event());
  }
}
