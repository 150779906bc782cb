package dev.ancestral.model;

/**
 * A family with its settings and event fixed: the mathematics, without parameters. Sealed by the
 * way it learns.
 */
public sealed interface Definition permits Network, StatisticsModel {
  EventSpec event();
}
