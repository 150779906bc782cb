package dev.ancestral.job.twosample;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.data.SealedJson;
import dev.ancestral.data.Storage;
import dev.ancestral.job.evaluate.EvaluationReport;
import dev.ancestral.likelihood.twosample.AreaUnderCurve;
import dev.ancestral.likelihood.twosample.ClassifierComparison;
import java.util.Locale;
import java.util.Map;
import org.apache.hadoop.fs.Path;

/**
 * What a classifier two-sample test found: {@code report.json}, written last. It holds no
 * likelihood.
 *
 * @param inputs fingerprint of everything it depends on
 * @param subject what was compared
 * @param samples drawn from the model
 * @param heldOut examples of the split
 * @param judged draws and examples of them that the classifier was not fitted to
 * @param permutations of the p-value
 */
public record ClassifierReport(
    String inputs,
    EvaluationReport.Subject subject,
    int samples,
    int heldOut,
    int judged,
    int permutations,
    long seed,
    ClassifierComparison result,
    double seconds)
    implements ComparisonReport {
  /** A p-value up to here says that the model differs. */
  public static final double LEVEL = TwoSampleReport.LEVEL;

  /** Whether the samples could be held-out data for all that the classifier sees. */
  public boolean isConsistent() {
    return result.pValue() > LEVEL;
  }

  @Override
  public String summary() {
    return String.format(
        Locale.ROOT,
        "%s: p = %.4f, %,d samples against %,d examples of %s; a classifier tells them apart with"
            + " AUC %.4f ± %.4f; e-value %.4g",
        isConsistent() ? "no difference found" : "the samples DIFFER from the data",
        result.pValue(),
        samples,
        heldOut,
        subject.split(),
        result.area().value(),
        result.area().standardError(),
        Math.exp(result.logEValue()));
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
        .put("estimator", ClassifierMethod.NAME)
        .put("samples", samples)
        .put("examples", heldOut)
        .put("judged", judged)
        .put("permutations", permutations)
        .put("seed", seed);
    ObjectNode settings = json.putObject("settings");
    for (Map.Entry<String, Object> setting : BoostedTrees.settings().entrySet()) {
      settings.putPOJO(setting.getKey(), setting.getValue());
    }
    json.put("auc", result.area().value())
        .put("auc_standard_error", result.area().standardError())
        .put("p_value", result.pValue())
        .put("level", LEVEL)
        .put("consistent", isConsistent())
        .put("log_e_value", result.logEValue())
        .put("seconds", seconds);
    return SealedJson.seal(json);
  }

  /**
   * The report in a file.
   *
   * @throws dev.ancestral.AncestralException (DATA) if it is damaged
   */
  public static ClassifierReport read(Storage storage, Path file) {
    JsonNode json = SealedJson.open(storage.read(file, SealedJson.MOST_BYTES), file.toString());
    return new ClassifierReport(
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
        json.path("judged").asInt(),
        json.path("permutations").asInt(),
        json.path("seed").asLong(),
        new ClassifierComparison(
            new AreaUnderCurve(
                json.path("auc").asDouble(), json.path("auc_standard_error").asDouble()),
            json.path("p_value").asDouble(),
            json.path("log_e_value").asDouble()),
        json.path("seconds").asDouble());
  }
}
