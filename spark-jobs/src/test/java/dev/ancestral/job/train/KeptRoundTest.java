package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.job.train.checkpoint.CheckpointManifest;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeptRoundTest {

  private static List<JsonNode> rounds(double... valid) {
    List<JsonNode> rounds = new ArrayList<>();
    for (int i = 0; i < valid.length; i++) {
      ObjectNode line = JsonNodeFactory.instance.objectNode();
      line.put("round", i + 1).put("step", 100L * (i + 1)).put("epoch", 0.5 * (i + 1));
      if (!Double.isNaN(valid[i])) {
        line.put("valid_nats", valid[i]);
      }
      rounds.add(line);
    }
    return rounds;
  }

  @Test
  void says_which_round_was_kept_and_what_the_last_one_had() {
    KeptRound kept =
        KeptRound.of(
            new CheckpointManifest.Best(2, -96.1, List.of()),
            rounds(-120, -96.1, Double.NaN, -100.2));
    assertEquals(
        "kept round 2 (step 200, epoch 1.00), the best by validation: -96.100 nats (last:"
            + " -100.200)",
        kept.message());
    assertEquals(
        "{best_round=2, best_step=200, best_epoch=1.0, best_valid_nats=-96.1, last_round=4,"
            + " last_valid_nats=-100.2}",
        kept.facts().toString());
  }

  @Test
  void the_last_round_may_be_the_best() {
    KeptRound kept =
        KeptRound.of(new CheckpointManifest.Best(2, -96, List.of()), rounds(-120, -96));
    assertEquals(
        "kept the last round 2 (step 200, epoch 1.00), the best by validation: -96.000 nats",
        kept.message());
  }
}
