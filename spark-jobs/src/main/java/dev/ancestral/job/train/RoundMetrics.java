package dev.ancestral.job.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.job.train.replica.RoundPlan;
import dev.ancestral.job.train.replica.RoundReport;
import dev.ancestral.job.train.replica.SampleSignals;
import dev.ancestral.job.train.replica.TrainingContext;
import dev.ancestral.likelihood.Moments;
import dev.ancestral.model.Condition;
import dev.ancestral.model.ImplicitNetwork;
import dev.ancestral.model.Network;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * What a line of {@code metrics.jsonl} says of a round. A model with a likelihood has {@code
 * train_nats} and {@code valid_nats}, both of the data as they are stored ({@code
 * train_log_density} where dequantized examples differ in their number of elements); an implicit
 * one has the mean payoff of each player, as in {@code discriminator_objective}, which is no
 * likelihood, and the {@link SampleSignals}.
 */
final class RoundMetrics {
  private static final String FEATURE_DISTANCE = "feature_distance";
  private static final String TRAIN_NATS = "train_nats";
  private static final String MODES_COVERED = "modes_covered";

  private final TrainingContext run;
  private final boolean implicit;
  private final List<Network.Player> players;
  private final OptionalDouble cellNats;
  private final Condition condition;

  RoundMetrics(TrainingContext run) {
    this.run = run;
    Network network = (Network) run.recipe().define();
    implicit = network instanceof ImplicitNetwork;
    players = network.players();
    condition = network.condition();
    cellNats = run.recipe().modelled().cellNats();
  }

  /** The line of a round. */
  ObjectNode line(RoundPlan plan, List<RoundReport> reports, Moments scores, double seconds) {
    long examples = 0;
    long bytes = 0;
    double[] objective = new double[players.size()];
    long compute = 0;
    long input = 0;
    long exchange = 0;
    long leastExchange = Long.MAX_VALUE;
    long other = 0;
    for (RoundReport report : reports) {
      examples += report.examples();
      bytes += report.times().bytesExchanged();
      for (int player = 0; player < objective.length; player++) {
        objective[player] += report.objective()[player];
      }
      compute = Math.max(compute, report.times().computeNanos());
      input = Math.max(input, report.times().inputNanos());
      exchange = Math.max(exchange, report.times().exchangeNanos());
      leastExchange = Math.min(leastExchange, report.times().exchangeNanos());
      other = Math.max(other, report.times().loadNanos());
    }
    ObjectNode line = JsonNodeFactory.instance.objectNode();
    line.put("round", plan.round());
    line.put("step", plan.toStep());
    line.put("epoch", (double) plan.toStep() / run.shares().stepsPerEpoch());
    line.put("examples", run.shares().total(0, plan.toStep()));
    for (int player = 0; player < objective.length; player++) {
      double seen = (double) examples * players.get(player).updates();
      double shift = field(player).equals(TRAIN_NATS) ? cellNats.orElse(0) : 0;
      line.put(field(player), objective[player] / seen - shift);
    }
    if (!implicit) {
      line.put("condition", condition.given());
    }
    if (scores.count() > 0) {
      line.put("valid_nats", scores.mean());
      line.put("valid_standard_error", scores.standardError());
    }
    addSignals(reports, line);
    line.put("bytes_exchanged", bytes);
    line.put("examples_per_second", examples / seconds);
    line.put("seconds", seconds);
    line.put("compute_seconds", compute / 1e9);
    line.put("input_seconds", input / 1e9);
    line.put("exchange_seconds", exchange / 1e9);
    // An exchange ends for all at once: the replica that came first waited for the difference.
    line.put("wait_seconds", (exchange - leastExchange) / 1e9);
    line.put("other_seconds", other / 1e9);
    return line;
  }

  private String field(int player) {
    if (implicit || player > 0) {
      return players.get(player).name() + "_objective";
    }
    return cellNats.isPresent() ? TRAIN_NATS : "train_log_density";
  }

  private static void addSignals(List<RoundReport> reports, ObjectNode line) {
    SampleSignals all = null;
    for (RoundReport report : reports) {
      if (report.signals() != null) {
        if (all == null) {
          all = report.signals();
        } else {
          all.merge(report.signals());
        }
      }
    }
    if (all == null) {
      return;
    }
    line.put(FEATURE_DISTANCE, all.drawn().distance(all.heldOut()));
    if (all.modes() != null) {
      line.put(MODES_COVERED, all.modes().covered());
      line.put("mode_entropy_nats", all.modes().entropyNats());
    }
  }

  /** What the likelihood is given, where a reader may not expect it. */
  private String given() {
    return condition.label() == Condition.Label.GIVEN ? " of " + condition.notation() : "";
  }

  /** The numbers of a line that a person wants to see while it trains. */
  String summary(JsonNode line) {
    List<String> parts = new ArrayList<>();
    for (int player = 0; player < players.size(); player++) {
      double value = line.get(field(player)).asDouble();
      parts.add(
          field(player).equals(TRAIN_NATS)
              ? String.format(Locale.ROOT, "train %.3f nats%s", value, given())
              : String.format(Locale.ROOT, "%s %.3f", players.get(player).name(), value));
    }
    if (line.has("valid_nats")) {
      parts.add(String.format(Locale.ROOT, "valid %.3f", line.get("valid_nats").asDouble()));
    }
    if (line.has(FEATURE_DISTANCE)) {
      parts.add(
          String.format(
              Locale.ROOT, "feature distance %.4f", line.get(FEATURE_DISTANCE).asDouble()));
    }
    if (line.has(MODES_COVERED)) {
      parts.add("modes " + line.get(MODES_COVERED).asInt());
    }
    return String.join(", ", parts);
  }
}
