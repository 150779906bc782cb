package dev.ancestral.job.train.dl4j;

import java.util.Arrays;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Which batch it is and what is in it. It travels as the labels of the batch, which no objective
 * reads and every master hands on.
 *
 * @param replica whose batch it is
 * @param step that it is for
 * @param ids of the examples, in the order of the rows
 */
record Origin(int replica, long step, long[] ids) {
  private static final int COLUMNS = 3;
  private static final int NO_REPLICA = -1;

  /**
   * As labels [rows, 3] of int64: id, replica and step; rows without an example have replica −1.
   */
  INDArray labels(int rows) {
    long[] values = new long[rows * COLUMNS];
    for (int row = 0; row < rows; row++) {
      boolean filled = row < ids.length;
      values[row * COLUMNS] = filled ? ids[row] : 0;
      values[row * COLUMNS + 1] = filled ? replica : NO_REPLICA;
      values[row * COLUMNS + 2] = step;
    }
    return Nd4j.createFromArray(values).reshape(rows, COLUMNS);
  }

  /** What labels say. */
  static Origin of(INDArray labels) {
    long[] values = labels.dup('c').data().asLong();
    int rows = (int) labels.size(0);
    int filled = 0;
    long[] ids = new long[rows];
    while (filled < rows && values[filled * COLUMNS + 1] != NO_REPLICA) {
      ids[filled] = values[filled * COLUMNS];
      filled++;
    }
    return new Origin((int) values[1], values[2], Arrays.copyOf(ids, filled));
  }
}
