package dev.ancestral.job.train;

import dev.ancestral.Refusal;
import java.util.Optional;

/** What is behind a failed Spark job. */
final class Failures {
  private Failures() {}

  /** The refusal that caused a failure, if one did. */
  static Optional<Refusal> refusal(Exception failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof Refusal refusal) {
        return Optional.of(refusal);
      }
    }
    return Optional.empty();
  }

  /** The first line of the innermost message. */
  static String firstLine(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    String message = String.valueOf(root.getMessage()).strip();
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }
}
