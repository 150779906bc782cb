package dev.ancestral.job.impute;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.score.RowElements;
import dev.ancestral.model.RowModel;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Fills the missing cells of a dataset without writing it: the cells of {@link ImputeJob}. */
public final class RowImputation {
  private RowImputation() {}

  /**
   * The rows with their columns and types, in which nothing is missing.
   *
   * @param draws of each row; with more than one a column says which it is
   * @throws AncestralException (MISMATCH) if rows and model do not fit together, or the model has
   *     no exact conditional distributions; (SPEC) if a stream is to be filled by draws
   */
  public static Dataset<Row> filled(
      ModelDirectory model, Dataset<Row> rows, RowModel.Completion how, int draws, long seed) {
    if (rows.isStreaming() && how == RowModel.Completion.DRAW) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "a stream is not filled by draws, which tell equal rows of the whole table apart; fill it"
              + " by the most probable values");
    }
    FilledRows.requireConditionals(model);
    FilledRows.requireNoDraw(draws, rows);
    FilledRows filled =
        FilledRows.of(model, rows, RowElements.of(model, rows.schema()), how, draws, seed);
    return filled.selected(filled.completed());
  }
}
