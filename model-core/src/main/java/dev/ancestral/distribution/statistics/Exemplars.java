package dev.ancestral.distribution.statistics;

import dev.ancestral.random.RandomKey;

/**
 * Random weights that let each state begin near a few examples of its own, found in one pass
 * without knowing how many examples there are.
 *
 * <p>A weight is U<sup>−2</sup>. Such weights have so heavy a tail (Pareto with index 1/2) that the
 * sum over any number of rows is dominated by its few largest terms. Each is a pure function of the
 * key, the example and the row, so sums do not depend on how the data are divided.
 */
public final class Exemplars {
  private Exemplars() {}

  /**
   * Fills the weights of the rows of an example, [rows, K].
   *
   * @param key of the starting point
   * @param id of the example
   * @param firstRow its first row that is asked for
   */
  public static void weigh(
      RandomKey key, long id, long firstRow, int rows, int states, double[][] into, int firstInto) {
    RandomKey own = key.fold(id);
    for (int r = 0; r < rows; r++) {
      double[] row = into[firstInto + r];
      own.fillUniform((firstRow + r) * states, row, 0, states);
      for (int k = 0; k < states; k++) {
        double u = 1 - row[k]; // in (0, 1]
        row[k] = 1 / (u * u);
      }
    }
  }
}
