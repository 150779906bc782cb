package dev.ancestral.job.impute;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.rows.RowInput;
import dev.ancestral.job.output.RowOutput;
import dev.ancestral.model.RowModel;

/**
 * Which rows are completed, and how.
 *
 * @param model directory of a run
 * @param how by draws from the joint conditional distribution, or by its mode
 * @param draws of each row; 1 of the mode
 * @param seed of the draws
 * @param overwrite whether other rows in the output are replaced
 */
public record ImputeRequest(
    String model,
    RowInput input,
    RowModel.Completion how,
    int draws,
    long seed,
    RowOutput output,
    boolean overwrite) {
  /** Most draws of a row. */
  public static final int MOST_DRAWS = 10_000;

  public ImputeRequest {
    if (draws < 1 || draws > MOST_DRAWS) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "draws is " + draws + "; it must be a whole number from 1 to " + MOST_DRAWS);
    }
    if (how == RowModel.Completion.MODE && draws > 1) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "draws is " + draws + " of the mode, which is one; leave --draws or --mode out");
    }
  }
}
