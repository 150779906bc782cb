package dev.ancestral.distribution.statistics;

import dev.ancestral.tensor.NamedArrays;
import java.util.List;

/**
 * A family of distributions p(value | k) of the values of one column of a row, nulls apart: what
 * has to be counted, and what the counts imply. The names of its parameters end with the column's.
 */
sealed interface ColumnEmission permits CountedColumn, NormalColumn {

  /** The arrays that the distributions are made of. */
  List<String> parameterNames();

  /** Length of the counts. */
  int statisticsSize();

  /** Prepares counts for a pass that begins with these parameters. */
  default void centre(NamedArrays parameters, double[] statistics, int at) {
    // Counts of outcomes need no centre.
  }

  /** Adds counts to others, those from {@code at} on in both. */
  default void merge(double[] from, double[] into, int at) {
    for (int i = at; i < at + statisticsSize(); i++) {
      into[i] += from[i];
    }
  }

  /**
   * Adds rows to the counts; one whose first element is NaN is counted nowhere.
   *
   * @param x elements; those of the column begin at {@code first}, {@code stride} further in the
   *     next row
   * @param weights [rows, K]
   */
  void accumulate(
      float[] x, int first, int stride, int rows, double[][] weights, double[] statistics, int at);

  /** The weight of what was counted, [K]. */
  double[] seen(double[] statistics, int at);

  /** Adds the parameters of highest (smoothed) likelihood given the counts. */
  NamedArrays maximize(double[] statistics, int at, NamedArrays into);

  /** Adds parameters from which EM may start, as {@link Emission#start} says. */
  NamedArrays start(double[] statistics, int at, NamedArrays into);

  /** Adds parameters that have the right shapes and know nothing of the data. */
  NamedArrays ignorant(NamedArrays into);

  /**
   * The distributions with these parameters.
   *
   * @param logFactor added to every log p(value | k): of what is no null, [K]
   */
  BoundColumn bind(NamedArrays parameters, double[] logFactor);
}
