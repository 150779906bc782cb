package dev.ancestral.job.observe;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/**
 * Receives the metrics of a training after each commit; rounds that are repeated after a failure
 * are reported once. All calls come from the thread that drives the training; none may throw, and
 * none may take long.
 */
public interface TrainingObserver {

  /**
   * Rounds were committed.
   *
   * @param lines of {@code metrics.jsonl}, from the first round on
   * @param last whether the training has ended with them
   */
  void committed(List<JsonNode> lines, boolean last);

  /** The model was written. */
  void finished();

  /**
   * The training ended without a model.
   *
   * @param resumable whether the same command goes on with it
   */
  void failed(boolean resumable);
}
