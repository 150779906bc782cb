package dev.ancestral.model;

import dev.ancestral.random.RandomKey;

/** A model of rows whose conditional distributions of any columns given the others are exact. */
public interface RowModel {

  /** How the values of columns that are not observed are chosen. */
  enum Completion {
    /** Drawn from their joint distribution given what is observed. */
    DRAW,
    /**
     * Of highest probability each: the class of highest posterior, then the mode of each column.
     */
    MODE
  }

  /**
   * log p(x_c | all other columns of the row) in nats, [B][columns]; NaN for a column that is not
   * observed. With a density for columns of real numbers, in the data's own units.
   */
  default double[][] columnLogProb(Batch x) {
    return look(x, true).columnLogProb();
  }

  /**
   * p(component | row) of each row, [B][components]; one component where the model has no hidden
   * class.
   */
  double[][] componentProbabilities(Batch x);

  /**
   * What a model says of some rows.
   *
   * @param logProb log p(row) in nats, [B]
   * @param components the most probable component of each row, the first of equal ones, [B]
   * @param columnLogProb as {@link RowModel#columnLogProb}; null where it is not asked for
   */
  record Look(double[] logProb, int[] components, double[][] columnLogProb) {}

  /**
   * All that there is to say of rows at once, which takes less than one after the other.
   *
   * @param byColumn whether the columns are looked at
   */
  Look look(Batch x, boolean byColumn);

  /**
   * The rows with what is not observed filled in: a column that is NaN, whatever a null means to
   * the model, gets a value that is not null. The others stay as they are. A row without any
   * observed column is a draw of the model given that no column is null.
   *
   * @param key example id uses {@code key.fold(id)}
   */
  Batch complete(Batch x, Completion how, RandomKey key);
}
