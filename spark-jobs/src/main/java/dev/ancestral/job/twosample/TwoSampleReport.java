package dev.ancestral.job.twosample;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.data.SealedJson;
import dev.ancestral.data.Storage;
import dev.ancestral.job.evaluate.EvaluationReport;
import dev.ancestral.likelihood.twosample.MarginalComparison;
import dev.ancestral.likelihood.twosample.MeanDiscrepancy;
import dev.ancestral.likelihood.twosample.NearestTraining;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.DoubleStream;
import org.apache.hadoop.fs.Path;

/**
 * What a two-sample test found: {@code report.json}, written last. It holds no likelihood.
 *
 * @param inputs fingerprint of everything it depends on
 * @param subject what was compared
 * @param samples drawn from the model
 * @param heldOut examples of the split
 * @param permutations of each p-value
 * @param discrepancy of the whole vectors
 * @param marginals element by element; the first shares are the model's
 * @param training distances to training data; empty where the dataset has no training split
 */
public record TwoSampleReport(
    String inputs,
    EvaluationReport.Subject subject,
    int samples,
    int heldOut,
    int permutations,
    long seed,
    MeanDiscrepancy discrepancy,
    MarginalComparison marginals,
    Optional<NearestTraining> training,
    double seconds)
    implements ComparisonReport {
  /** A p-value up to here says that the model differs. */
  public static final double LEVEL = 0.01;

  /** {@link #corrected} of all p-values. */
  public double pValue() {
    return corrected(
        DoubleStream.concat(
                DoubleStream.of(discrepancy.pValue(), marginals.pValue()),
                training.stream().mapToDouble(NearestTraining::pValue))
            .toArray());
  }

  /** The smallest of some p-values times their number, at most 1 (Bonferroni). */
  public static double corrected(double... pValues) {
    return Math.min(1, pValues.length * DoubleStream.of(pValues).min().orElseThrow());
  }

  /** Whether the samples could be held-out data for all that the tests see. */
  public boolean isConsistent() {
    return pValue() > LEVEL;
  }

  @Override
  public String summary() {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%s: p = %.4f, %,d samples against %,d examples of %s",
            isConsistent() ? "no difference found" : "the samples DIFFER from the data",
            pValue(),
            samples,
            heldOut,
            subject.split()));
    text.append(
        String.format(
            Locale.ROOT,
            "; MMD² %.4g (p %.4f); margins: at most %.1f deviations (p %.4f)",
            discrepancy.squared(),
            discrepancy.pValue(),
            marginals.largest(),
            marginals.pValue()));
    training.ifPresent(
        t ->
            text.append(
                String.format(
                    Locale.ROOT,
                    "; nearer to training data than held-out ones are: %.3f (p %.4f)",
                    t.closerShare(),
                    t.pValue())));
    return text.toString();
  }

  @Override
  public byte[] toJson() {
    ObjectNode json = SealedJson.object();
    json.put("inputs", inputs)
        .put("model", subject.model())
        .put("model_sha256", subject.modelSha256())
        .put("weights", subject.weights())
        .put("data", subject.data())
        .put("data_sha256", subject.dataSha256())
        .put("split", subject.split())
        .put("estimator", TwoSampleMethod.NAME)
        .put("samples", samples)
        .put("examples", heldOut)
        .put("permutations", permutations)
        .put("seed", seed)
        .put("p_value", pValue())
        .put("level", LEVEL)
        .put("consistent", isConsistent())
        .put("mmd_squared", discrepancy.squared())
        .put("mmd_bandwidth", discrepancy.bandwidth())
        .put("mmd_p_value", discrepancy.pValue())
        .put("marginal_largest_deviations", marginals.largest())
        .put("marginal_p_value", marginals.pValue());
    ArrayNode worst = json.putArray("marginal_worst");
    for (MarginalComparison.Element element : marginals.worst()) {
      worst
          .addObject()
          .put("element", element.index())
          .put("threshold", element.threshold())
          .put("share_of_samples_above", element.firstShare())
          .put("share_of_data_above", element.secondShare())
          .put("deviations", element.deviations())
          .put("p_value", element.pValue());
    }
    training.ifPresent(
        t ->
            json.put("nearest_training_closer_share", t.closerShare())
                .put("nearest_training_p_value", t.pValue())
                .put("nearest_training_median_distance_of_samples", t.medianOfSamples())
                .put("nearest_training_median_distance_of_held_out", t.medianOfHeldOut()));
    json.put("seconds", seconds);
    return SealedJson.seal(json);
  }

  /**
   * The report in a file.
   *
   * @throws dev.ancestral.AncestralException (DATA) if it is damaged
   */
  public static TwoSampleReport read(Storage storage, Path file) {
    JsonNode json = SealedJson.open(storage.read(file), file.toString());
    List<MarginalComparison.Element> worst = new ArrayList<>();
    for (JsonNode element : json.path("marginal_worst")) {
      worst.add(
          new MarginalComparison.Element(
              element.path("element").asInt(),
              element.path("threshold").asDouble(),
              element.path("share_of_samples_above").asDouble(),
              element.path("share_of_data_above").asDouble(),
              element.path("deviations").asDouble(),
              element.path("p_value").asDouble()));
    }
    return new TwoSampleReport(
        json.path("inputs").asText(),
        new EvaluationReport.Subject(
            json.path("model").asText(),
            json.path("model_sha256").asText(),
            json.path("weights").asText(),
            json.path("data").asText(),
            json.path("data_sha256").asText(),
            json.path("split").asText()),
        json.path("samples").asInt(),
        json.path("examples").asInt(),
        json.path("permutations").asInt(),
        json.path("seed").asLong(),
        new MeanDiscrepancy(
            json.path("mmd_squared").asDouble(),
            json.path("mmd_bandwidth").asDouble(),
            json.path("mmd_p_value").asDouble()),
        new MarginalComparison(
            json.path("marginal_largest_deviations").asDouble(),
            json.path("marginal_p_value").asDouble(),
            worst),
        json.has("nearest_training_p_value")
            ? Optional.of(
                new NearestTraining(
                    json.path("nearest_training_closer_share").asDouble(),
                    json.path("nearest_training_p_value").asDouble(),
                    json.path("nearest_training_median_distance_of_samples").asDouble(),
                    json.path("nearest_training_median_distance_of_held_out").asDouble()))
            : Optional.empty(),
        json.path("seconds").asDouble());
  }
}
