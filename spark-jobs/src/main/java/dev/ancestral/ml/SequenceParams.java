package dev.ancestral.ml;

import java.io.Serializable;
import java.util.List;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.Params;
import org.apache.spark.ml.param.StringArrayParam;

/** The parameters that an estimator of sequences and its model share. */
final class SequenceParams implements Serializable {
  private static final long serialVersionUID = 1L;

  static final String STATES = "states";

  private final Params owner;
  private final StringArrayParam groupCols;
  private final StringArrayParam orderCols;
  private final Param<String> statesCol;

  SequenceParams(Params owner) {
    this.owner = owner;
    groupCols =
        new StringArrayParam(
            owner, "groupCols", "columns of which each combination of values is a sequence");
    orderCols =
        new StringArrayParam(
            owner, "orderCols", "columns that the rows of a sequence are ordered by");
    statesCol =
        new Param<>(owner, "statesCol", "column of the most probable hidden states, one a step");
  }

  StringArrayParam groupCols() {
    return groupCols;
  }

  StringArrayParam orderCols() {
    return orderCols;
  }

  Param<String> statesCol() {
    return statesCol;
  }

  /**
   * The columns of the group.
   *
   * @throws dev.ancestral.AncestralException (SPEC) if they are not set
   */
  List<String> group() {
    return Columns.given(owner, groupCols);
  }

  /** The columns of the order, as {@link #group}. */
  List<String> order() {
    return Columns.given(owner, orderCols);
  }
}
