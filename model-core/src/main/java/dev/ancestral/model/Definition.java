package dev.ancestral.model;

/**
 * A family with its settings and event fixed: the mathematics, without parameters. Sealed by the
 * way it learns.
 */
public sealed interface Definition permits Network, StatisticsModel {
  EventSpec event();

  /**
   * Which distribution the log-likelihood is of. By default no label is given, and of sequences the
   * length is.
   */
  default Condition condition() {
    return Condition.of(event());
  }
}
