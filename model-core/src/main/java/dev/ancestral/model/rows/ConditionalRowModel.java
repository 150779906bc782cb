package dev.ancestral.model.rows;

import dev.ancestral.model.Batch;
import dev.ancestral.random.RandomKey;

/** A model of rows that draws some columns given the values of others, exactly. */
public interface ConditionalRowModel {

  /**
   * log p(given columns) in nats, all others summed and integrated out; −∞ if they cannot have such
   * values together. With a density for columns of real numbers, in the data's own units.
   *
   * @param values elements of a row, [size]; those of columns that are not given do not count
   * @param given whether each column is given, [columns]; a given column that is NaN is a null
   */
  double logProbGiven(float[] values, boolean[] given);

  /**
   * Rows whose given columns are as given and whose others are drawn from p(others | given): nulls
   * among them with the probability that the model gives them.
   *
   * <p>Law: where nothing is given they are draws of the model; the frequencies of rows given
   * columns are those among all draws of the model that have these values.
   *
   * @param ids of the rows
   * @param values as in {@link #logProbGiven}, which must not be −∞
   * @param given as there
   * @param key row id uses {@code key.fold(id)}
   */
  Batch sampleGiven(long[] ids, float[] values, boolean[] given, RandomKey key);
}
