package dev.ancestral.job.quality;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.data.SealedJson;
import dev.ancestral.data.Storage;
import dev.ancestral.job.evaluate.EvaluationReport;
import dev.ancestral.job.evaluate.TrainGap;
import dev.ancestral.likelihood.twosample.AreaUnderCurve;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.apache.hadoop.fs.Path;

/**
 * How good drawn rows are: {@code report.json}, written last. It holds no likelihood.
 *
 * @param inputs fingerprint of everything it depends on
 * @param subject what was compared
 * @param samples drawn from the model
 * @param heldOut rows of the split
 */
public record TableQualityReport(
    String inputs,
    EvaluationReport.Subject subject,
    long samples,
    long heldOut,
    long seed,
    TableQuality quality,
    double seconds) {
  private static final String COLUMN_SHAPE = "column_shape";
  private static final String PAIR_TREND = "pair_trend";
  private static final String DETECTOR = "detector_auc";
  private static final String DETECTOR_ERROR = "detector_auc_standard_error";
  private static final String CLOSEST = "closest_training_share";
  private static final String TASK = "task";
  private static final String MEAN = "mean";

  /** The result for a person. */
  public String summary() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "column shape %.4f, pair trend %.4f, %,d drawn rows against %,d of %s; trees tell them"
                + " apart with AUC %.4f ± %.4f",
            quality.columnShape(),
            quality.pairTrend(),
            samples,
            heldOut,
            subject.split(),
            quality.detector().value(),
            quality.detector().standardError()));
    quality
        .closestTrainingShare()
        .ifPresent(
            share ->
                text.append(
                    String.format(
                        Locale.ROOT, "; nearer to training than to held-out rows: %.3f", share)));
    quality
        .task()
        .ifPresent(
            task ->
                text.append(
                    String.format(
                        Locale.ROOT,
                        "; %s predicted with accuracy %.4f by drawn rows, %.4f by training rows",
                        task.column(),
                        task.trainedOnDrawn(),
                        task.trainedOnReal())));
    quality
        .trainGap()
        .ifPresent(
            gap ->
                text.append(
                    String.format(
                        Locale.ROOT,
                        "; training minus held-out rows %.4f ± %.4f nats",
                        gap.nats(),
                        gap.standardError())));
    return text.toString();
  }

  /** The content of the file. */
  byte[] toJson() {
    ObjectNode json = SealedJson.object();
    json.put("inputs", inputs)
        .put("model", subject.model())
        .put("model_sha256", subject.modelSha256())
        .put("weights", subject.weights())
        .put("data", subject.data())
        .put("data_sha256", subject.dataSha256())
        .put("split", subject.split())
        .put("estimator", TableQualityMethod.NAME)
        .put("samples", samples)
        .put("examples", heldOut)
        .put("seed", seed);
    ObjectNode shapes = json.putObject(COLUMN_SHAPE);
    shapes.put(MEAN, quality.columnShape());
    ObjectNode columns = shapes.putObject("columns");
    quality.columnShapes().forEach(columns::put);
    ObjectNode trends = json.putObject(PAIR_TREND);
    trends.put(MEAN, quality.pairTrend());
    ArrayNode pairs = trends.putArray("pairs");
    quality
        .pairTrends()
        .forEach(
            pair ->
                pairs
                    .addObject()
                    .put("first", pair.first())
                    .put("second", pair.second())
                    .put("value", pair.trend()));
    json.put(DETECTOR, quality.detector().value())
        .put(DETECTOR_ERROR, quality.detector().standardError());
    quality.closestTrainingShare().ifPresent(share -> json.put(CLOSEST, share));
    quality
        .task()
        .ifPresent(
            task ->
                json.putObject(TASK)
                    .put("column", task.column())
                    .put("score", "accuracy")
                    .put("trained_on_drawn", task.trainedOnDrawn())
                    .put("trained_on_real", task.trainedOnReal())
                    .put("commonest_value", task.commonest()));
    quality
        .trainGap()
        .ifPresent(
            gap ->
                json.put("train_sample", gap.examples())
                    .put("train_minus_held_out_nats", gap.nats())
                    .put("train_minus_held_out_standard_error", gap.standardError()));
    json.put("seconds", seconds);
    return SealedJson.seal(json);
  }

  /**
   * The report in a file.
   *
   * @throws dev.ancestral.AncestralException (DATA) if it is damaged
   */
  public static TableQualityReport read(Storage storage, Path file) {
    JsonNode json = SealedJson.open(storage.read(file, SealedJson.MOST_BYTES), file.toString());
    return new TableQualityReport(
        json.path("inputs").asText(),
        new EvaluationReport.Subject(
            json.path("model").asText(),
            json.path("model_sha256").asText(),
            json.path("weights").asText(),
            json.path("data").asText(),
            json.path("data_sha256").asText(),
            json.path("split").asText()),
        json.path("samples").asLong(),
        json.path("examples").asLong(),
        json.path("seed").asLong(),
        quality(json),
        json.path("seconds").asDouble());
  }

  private static TableQuality quality(JsonNode json) {
    Map<String, Double> shapes = new LinkedHashMap<>();
    json.path(COLUMN_SHAPE)
        .path("columns")
        .fields()
        .forEachRemaining(field -> shapes.put(field.getKey(), field.getValue().asDouble()));
    List<TableQuality.PairTrend> trends = new ArrayList<>();
    for (JsonNode pair : json.path(PAIR_TREND).path("pairs")) {
      trends.add(
          new TableQuality.PairTrend(
              pair.path("first").asText(),
              pair.path("second").asText(),
              pair.path("value").asDouble()));
    }
    JsonNode task = json.path(TASK);
    return new TableQuality(
        shapes,
        trends,
        new AreaUnderCurve(json.path(DETECTOR).asDouble(), json.path(DETECTOR_ERROR).asDouble()),
        json.has(CLOSEST)
            ? OptionalDouble.of(json.path(CLOSEST).asDouble())
            : OptionalDouble.empty(),
        json.has(TASK)
            ? Optional.of(
                new PredictionTask(
                    task.path("column").asText(),
                    task.path("trained_on_drawn").asDouble(),
                    task.path("trained_on_real").asDouble(),
                    task.path("commonest_value").asDouble()))
            : Optional.empty(),
        json.has("train_sample")
            ? Optional.of(
                new TrainGap(
                    json.path("train_sample").asLong(),
                    json.path("train_minus_held_out_nats").asDouble(),
                    json.path("train_minus_held_out_standard_error").asDouble()))
            : Optional.empty());
  }
}
