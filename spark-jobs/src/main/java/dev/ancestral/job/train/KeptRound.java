package dev.ancestral.job.train;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ancestral.job.train.checkpoint.CheckpointManifest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The round whose parameters a run stores: the best one by validation.
 *
 * @param round number
 * @param step steps made until its end
 * @param epoch passes over the training split made until its end
 * @param validNats its mean held-out log-likelihood or bound
 * @param lastRound number of the last round of the run
 * @param lastValidNats that of the last validation
 */
record KeptRound(
    int round, long step, double epoch, double validNats, int lastRound, double lastValidNats) {

  /**
   * The kept one of some rounds.
   *
   * @param metrics a line for every round, in their order
   */
  static KeptRound of(CheckpointManifest.Best best, List<JsonNode> metrics) {
    JsonNode kept =
        metrics.stream()
            .filter(line -> line.path("round").asInt() == best.round())
            .findFirst()
            .orElseThrow();
    double last =
        metrics.stream()
            .filter(line -> line.has("valid_nats"))
            .mapToDouble(line -> line.get("valid_nats").asDouble())
            .reduce(best.nats(), (earlier, later) -> later);
    return new KeptRound(
        best.round(),
        kept.path("step").asLong(),
        kept.path("epoch").asDouble(),
        best.nats(),
        metrics.get(metrics.size() - 1).path("round").asInt(),
        last);
  }

  /** What {@code model.json} says of it. */
  Map<String, Object> facts() {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("best_round", round);
    facts.put("best_step", step);
    facts.put("best_epoch", epoch);
    facts.put("best_valid_nats", validNats);
    facts.put("last_round", lastRound);
    facts.put("last_valid_nats", lastValidNats);
    return facts;
  }

  /** The message for the user. */
  String message() {
    String which =
        String.format(Locale.ROOT, "round %d (step %,d, epoch %.2f)", round, step, epoch);
    return round == lastRound
        ? String.format(
            Locale.ROOT, "kept the last %s, the best by validation: %.3f nats", which, validNats)
        : String.format(
            Locale.ROOT,
            "kept %s, the best by validation: %.3f nats (last: %.3f)",
            which,
            validNats,
            lastValidNats);
  }
}
