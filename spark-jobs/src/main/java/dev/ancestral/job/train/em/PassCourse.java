package dev.ancestral.job.train.em;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Where a fit in passes stands: a restart ends after its last pass, or when a number of validations
 * brought nothing better. It follows from the lines of {@code metrics.jsonl}, so a run that goes on
 * stops where an undisturbed one does.
 *
 * @param passes of a restart at most
 * @param restarts to make
 * @param patience validations without a better one after which a restart ends; 0 for never
 * @param restart the one that the next pass belongs to
 * @param pass passes that it has made
 * @param best validation of this restart; NaN before the first
 * @param since validations since the best
 */
public record PassCourse(
    int passes, int restarts, int patience, int restart, int pass, double best, int since) {
  private static final String VALID_NATS = "valid_nats";
  private static final String VALID_IMPOSSIBLE = "valid_impossible";

  /** Before the first pass. */
  public static PassCourse begin(int passes, int restarts, int patience) {
    return new PassCourse(passes, restarts, patience, 0, 0, Double.NaN, 0);
  }

  /** After the passes of these lines. */
  public PassCourse after(List<JsonNode> lines) {
    PassCourse course = this;
    for (JsonNode line : lines) {
      course = course.after(validation(line));
    }
    return course;
  }

  /** After one more pass, validated or not. */
  public PassCourse after(OptionalDouble validation) {
    double value = validation.orElse(Double.NaN);
    boolean better = validation.isPresent() && !(value <= best);
    int waited = validation.isEmpty() ? since : better ? 0 : since + 1;
    if (pass + 1 == passes || (patience > 0 && waited >= patience)) {
      return new PassCourse(passes, restarts, patience, restart + 1, 0, Double.NaN, 0);
    }
    return new PassCourse(
        passes, restarts, patience, restart, pass + 1, better ? value : best, waited);
  }

  /** Whether no pass is left. */
  public boolean ended() {
    return restart == restarts;
  }

  /** The share of the passes that are behind, counting those that were spared. */
  public double share() {
    return ended() ? 1 : ((double) restart * passes + pass) / ((double) restarts * passes);
  }

  /** Writes what a validation gave to the line of its pass; JSON has no −∞. */
  public static void write(double nats, ObjectNode line) {
    if (Double.isFinite(nats)) {
      line.put(VALID_NATS, nats);
    } else {
      line.put(VALID_IMPOSSIBLE, true);
    }
  }

  private static OptionalDouble validation(JsonNode line) {
    return line.has(VALID_NATS)
        ? OptionalDouble.of(line.get(VALID_NATS).asDouble())
        : line.has(VALID_IMPOSSIBLE)
            ? OptionalDouble.of(Double.NEGATIVE_INFINITY)
            : OptionalDouble.empty();
  }
}
