package dev.ancestral.distribution.statistics;

/**
 * A flat vector of counts as rows of K: a row is copied out when it is first asked for, and written
 * back in the end. Additions happen in the same order as in place.
 */
final class CountRows {
  private final double[] counts;
  private final int at;
  private final int width;
  private final double[][] rows;

  /**
   * Rows of a vector.
   *
   * @param at where the first row begins
   * @param width K
   * @param count of rows
   */
  CountRows(double[] counts, int at, int width, int count) {
    this.counts = counts;
    this.at = at;
    this.width = width;
    rows = new double[count][];
  }

  double[] row(int index) {
    double[] row = rows[index];
    if (row == null) {
      row = new double[width];
      System.arraycopy(counts, at + index * width, row, 0, width);
      rows[index] = row;
    }
    return row;
  }

  void writeBack() {
    for (int index = 0; index < rows.length; index++) {
      if (rows[index] != null) {
        System.arraycopy(rows[index], 0, counts, at + index * width, width);
      }
    }
  }
}
