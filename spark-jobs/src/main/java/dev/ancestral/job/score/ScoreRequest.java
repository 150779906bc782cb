package dev.ancestral.job.score;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.rows.RowInput;
import dev.ancestral.job.evaluate.EvaluateSpec;
import dev.ancestral.job.output.RowOutput;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What is scored, and where the scored rows go.
 *
 * @param model directory of a run
 * @param input raw rows; empty for a dataset
 * @param data a dataset that was prepared; empty for raw rows
 * @param spec estimator, draws and seed; of a dataset also the split
 * @param stream whether rows are scored as they come
 * @param everySeconds of a stream that does not end, how often it looks for rows; empty for one
 *     that ends with the rows that are there
 * @param reference dataset with the split {@code valid} whose scores are what is usual; empty for
 *     that of the run
 * @param overwrite whether other rows in the output are replaced
 * @param groups of raw rows that are steps of sequences; empty where each row is an example
 */
public record ScoreRequest(
    String model,
    Optional<RowInput> input,
    Optional<String> data,
    EvaluateSpec spec,
    RowOutput output,
    boolean stream,
    OptionalInt everySeconds,
    Optional<String> reference,
    boolean overwrite,
    Optional<Groups> groups) {

  /**
   * That rows are the steps of sequences, one for each group.
   *
   * @param groupBy columns of the group, at least one
   * @param orderBy columns of the order within it, at least one
   */
  public record Groups(List<String> groupBy, List<String> orderBy) {
    public Groups {
      groupBy = List.copyOf(groupBy);
      orderBy = List.copyOf(orderBy);
      if (groupBy.isEmpty() || orderBy.isEmpty()) {
        throw new AncestralException(
            ErrorCode.SPEC,
            "events are scored as sequences by a group and an order; give both --group-by and"
                + " --order-by");
      }
    }
  }

  public ScoreRequest {
    if (input.isPresent() == data.isPresent()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          input.isPresent()
              ? "rows are scored either as they are (--input, --table, --query) or from a dataset"
                  + " (--data), not both; leave one out"
              : "it is not said what to score; give --input, --table, --query or --data");
    }
    if (stream && (data.isPresent() || output.path().isEmpty())) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "a stream is read from --input or --table and written to --output, where it keeps what it"
              + " has read; "
              + (data.isPresent() ? "give --input instead of --data" : "give --output PATH"));
    }
    if (groups.isPresent() && (stream || data.isPresent())) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "a group of events is scored when all of it is there, of raw rows; leave out "
              + (stream ? "--stream" : "--data, or --group-by and --order-by"));
    }
    if (everySeconds.isPresent() && (!stream || everySeconds.getAsInt() < 1)) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "continuous is "
              + everySeconds.getAsInt()
              + "; it is a number of seconds from 1 on, of a stream (--stream)");
    }
  }

  /** Raw rows, all of them. */
  public static ScoreRequest of(String model, RowInput input, RowOutput output) {
    return new ScoreRequest(
        model,
        Optional.of(input),
        Optional.empty(),
        EvaluateSpec.standard(),
        output,
        false,
        OptionalInt.empty(),
        Optional.empty(),
        false,
        Optional.empty());
  }

  /** The same as a stream. */
  public ScoreRequest streamed() {
    return new ScoreRequest(
        model, input, data, spec, output, true, everySeconds, reference, overwrite, groups);
  }

  /** The same with another reference. */
  public ScoreRequest comparedWith(String dataset) {
    return new ScoreRequest(
        model,
        input,
        data,
        spec,
        output,
        stream,
        everySeconds,
        Optional.of(dataset),
        overwrite,
        groups);
  }
}
