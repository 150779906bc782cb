package dev.ancestral.job.report;

import dev.ancestral.checkpoint.ModelDescription;
import dev.ancestral.config.Settings;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.train.spec.TrainSpec;
import dev.ancestral.model.Network;
import dev.ancestral.optimize.OptimizerSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** How a model was made, as tables: its settings, its training, where it came from. */
final class RunFacts {
  private static final Pattern HASH = Pattern.compile("\\b[0-9a-f]{40,64}\\b");
  private static final int SHORT_HASH = 12;

  private final ModelDirectory model;
  private final ModelDescription description;

  RunFacts(ModelDirectory model) {
    this.model = model;
    this.description = model.description();
  }

  /** The kept round as a point of the curves; empty where none was chosen. */
  static Optional<LineChart.Mark> keptMark(ModelDirectory model) {
    Map<String, Object> provenance = model.description().provenance();
    return provenance.get("best_epoch") instanceof Number epoch
        ? Optional.of(new LineChart.Mark(epoch.doubleValue(), "kept"))
        : Optional.empty();
  }

  /** Puts the tables on a page. */
  void show(HtmlPage page) {
    Map<String, String> provenance = new LinkedHashMap<>();
    description.provenance().forEach((key, value) -> provenance.put(words(key), text(value)));
    provenance.put("weights sha256", model.weightsSha256());
    Map<String, String> training = training();
    if (training.isEmpty()) {
      page.table("Model", settings());
    } else {
      page.columns(
          List.of(() -> page.table("Model", settings()), () -> page.table("Training", training)));
    }
    Map<String, String> brief = new LinkedHashMap<>();
    provenance.forEach(
        (key, value) ->
            brief.put(
                key,
                HASH.matcher(value)
                    .replaceAll(hash -> hash.group().substring(0, SHORT_HASH) + "…")));
    page.table("Provenance", brief);
    Map<String, String> hashes = new LinkedHashMap<>(provenance);
    hashes.values().removeIf(value -> !HASH.matcher(value).find());
    page.folded("All digits of the hashes", hashes);
  }

  private Map<String, String> settings() {
    Map<String, String> rows = new LinkedHashMap<>();
    rows.put("family", description.family());
    description.model().forEach((key, value) -> rows.put(key, text(value)));
    rows.put("examples are", description.event().describe());
    if (!description.dequantize().equals("none")) {
      rows.put("dequantize", description.dequantize());
    }
    return rows;
  }

  /** Of a network; what is learned from statistics has no such settings. */
  private Map<String, String> training() {
    Map<String, String> rows = new LinkedHashMap<>();
    kept().ifPresent(kept -> rows.put("kept", kept));
    generalization().ifPresent(gap -> rows.put("train minus valid", gap));
    if (model.definition() instanceof Network network) {
      Settings given =
          description.spec().get("train") instanceof Map<?, ?> map
              ? Settings.of(texts(map))
              : Settings.of(Map.of());
      TrainSpec spec = TrainSpec.read(given);
      rows.put(spec.steps() > 0 ? "steps" : "epochs", length(spec));
      rows.put("batch size", spec.batchSize() + " a replica");
      rows.put("replicas", text(description.provenance().getOrDefault("replicas", "–")));
      rows.put("strategy", TrainSpec.text(spec.strategy()));
      if (network.players().stream().anyMatch(player -> player.optimizer().isEmpty())) {
        rows.putAll(optimizer("", spec.optimizer()));
      }
      network
          .players()
          .forEach(
              player ->
                  player
                      .optimizer()
                      .ifPresent(own -> rows.putAll(optimizer(player.name() + ": ", own))));
      rows.put("schedule", text(spec.schedule()));
      if (spec.clipNorm() > 0) {
        rows.put("norm of gradients", "clipped at " + spec.clipNorm());
      }
      if (spec.ema() > 0) {
        rows.put("averaged weights", "decay " + spec.ema());
      }
      rows.put("precision", TrainSpec.text(spec.precision()));
    }
    return rows;
  }

  private Optional<String> kept() {
    Map<String, Object> provenance = description.provenance();
    return provenance.get("best_step") instanceof Number step
            && provenance.get("best_valid_nats") instanceof Number nats
            && provenance.get("best_epoch") instanceof Number epoch
        ? Optional.of(
            String.format(
                Locale.ROOT,
                "round %s (step %,d, epoch %.2f), the best by validation: %.3f nats",
                provenance.get("best_round"),
                step.longValue(),
                epoch.doubleValue(),
                nats.doubleValue()))
        : Optional.empty();
  }

  private Optional<String> generalization() {
    Map<String, Object> provenance = description.provenance();
    return provenance.get("train_minus_valid_nats") instanceof Number nats
            && provenance.get("train_minus_valid_standard_error") instanceof Number error
        ? Optional.of(
            String.format(
                Locale.ROOT,
                "%.3f ± %.3f nats in %s (%s, %s training examples)",
                nats.doubleValue(),
                error.doubleValue(),
                provenance.get("train_minus_valid_condition"),
                provenance.get("train_minus_valid_estimator"),
                provenance.get("train_minus_valid_examples")))
        : Optional.empty();
  }

  private static String length(TrainSpec spec) {
    return String.format(Locale.ROOT, "%,d", spec.steps() > 0 ? spec.steps() : spec.epochs());
  }

  private static Map<String, String> optimizer(String whose, OptimizerSettings settings) {
    Map<String, String> rows = new LinkedHashMap<>();
    rows.put(whose + "learning rate", String.valueOf(settings.learningRate()));
    rows.put(whose + "optimizer", text(settings.optimizer()));
    return rows;
  }

  private static Map<String, Object> texts(Map<?, ?> map) {
    Map<String, Object> texts = new LinkedHashMap<>();
    map.forEach((key, value) -> texts.put(String.valueOf(key), value));
    return texts;
  }

  private static String words(String key) {
    return key.replace('_', ' ');
  }

  private static String text(Object value) {
    if (value instanceof Map<?, ?> map) {
      List<String> parts = new ArrayList<>();
      map.forEach((key, inner) -> parts.add(words(String.valueOf(key)) + " " + text(inner)));
      return String.join(", ", parts);
    }
    if (value instanceof List<?> list) {
      return String.join("; ", list.stream().map(RunFacts::text).toList());
    }
    if (value instanceof Record) {
      // "Adam[beta1=0.9, beta2=0.999]" of a record is read as "adam, beta1 0.9, beta2 0.999".
      String[] parts = value.toString().split("[\\[\\]]", 3);
      String fields = parts.length > 1 ? parts[1].replace('=', ' ') : "";
      return parts[0].toLowerCase(Locale.ROOT) + (fields.isEmpty() ? "" : ", " + fields);
    }
    return String.valueOf(value);
  }
}
