package dev.ancestral.distribution;

import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import dev.ancestral.tensor.Tensor;

/**
 * A distribution of the value of one column of a row, in the elements that its {@link ColumnType}
 * takes for it.
 *
 * <p>Unlike other distributions it keeps axes of size 1: parameters [.., P], values [.., E], noise
 * [.., U]. The leading axes of the values may be fewer than those of the parameters; they stretch
 * as in numpy.
 *
 * <p>Log-probabilities are masses of values, or densities in the data's own units. What the data
 * that fixed the schema never had (other texts, numbers beyond its range, nulls) has a probability
 * that is learned and starts small, and is never drawn: a draw is of the distribution given that
 * nothing of that kind occurs.
 */
public sealed interface ColumnDistribution extends Distribution
    permits CodeDistribution,
        WholeDistribution,
        RealDistribution,
        NullableDistribution,
        ObservedDistribution {

  /** Added to the logit of what was never seen: e^−7 is about 1 in 1000. */
  double UNSEEN = -7;

  /** E. */
  int elements();

  /** The most probable code or bin, or the mean of a real number: [.., P] → [.., E]. */
  Tensor center(Tensor parameters);

  /**
   * The distribution that suits a column.
   *
   * @param nulls what a null is
   */
  static ColumnDistribution of(RowColumn column, RowSchema.Nulls nulls) {
    ColumnType type = column.type();
    ColumnDistribution value =
        type instanceof ColumnType.Category category
            ? new CodeDistribution(category.codes(), category.otherSeen())
            : type instanceof ColumnType.Whole whole
                ? new WholeDistribution(whole)
                : new RealDistribution(((ColumnType.Real) type).scale());
    return switch (nulls) {
      case VALUE -> new NullableDistribution(value, column.nullable());
      case MISSING -> new ObservedDistribution(value);
    };
  }
}
