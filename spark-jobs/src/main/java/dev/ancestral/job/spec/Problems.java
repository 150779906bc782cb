package dev.ancestral.job.spec;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.util.List;

/** Everything that is wrong with a spec, as one refusal. */
final class Problems {
  private Problems() {}

  /** A refusal (SPEC) that lists the problems, one a line. */
  static AncestralException refusal(String file, List<String> problems) {
    List<String> distinct = problems.stream().distinct().toList();
    if (distinct.size() == 1) {
      return new AncestralException(ErrorCode.SPEC, distinct.get(0));
    }
    return new AncestralException(
        ErrorCode.SPEC,
        file + " has " + distinct.size() + " problems:\n  " + String.join("\n  ", distinct));
  }
}
