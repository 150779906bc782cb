package dev.ancestral.job.evaluate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.ManifestFields;
import dev.ancestral.data.SealedJson;
import dev.ancestral.data.Storage;
import dev.ancestral.estimator.Diagnostic;
import dev.ancestral.estimator.EvaluationMethods;
import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.model.Condition;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;

/** {@code report.json}: the fields of an {@link EvaluationReport}, sealed. */
public final class ReportJson {
  private static final ObjectMapper SETTINGS = new ObjectMapper();
  private static final String CONDITION = "condition";
  private static final String DIAGNOSTICS = "diagnostics";
  private static final String ELEMENT_ERROR = "nats_per_element_standard_error";
  private static final String ESTIMATOR = "estimator";
  private static final String VARIABLES = "variables";

  private final JsonNode json;
  private final String where;

  private ReportJson(JsonNode json, String where) {
    this.json = json;
    this.where = where;
  }

  /** The content of the file. */
  static byte[] write(EvaluationReport report) {
    EvaluationReport.Subject subject = report.subject();
    LogLikelihood likelihood = report.likelihood();
    ObjectNode json = SealedJson.object();
    json.put("inputs", report.inputs())
        .put("model", subject.model())
        .put("model_sha256", subject.modelSha256())
        .put("weights", subject.weights())
        .put("data", subject.data())
        .put("data_sha256", subject.dataSha256())
        .put("split", subject.split())
        .put("examples", likelihood.examples())
        .put("elements", likelihood.elements())
        .put(ESTIMATOR, likelihood.estimator())
        .put("kind", likelihood.kind().text())
        .put(CONDITION, likelihood.condition().given())
        .put(VARIABLES, likelihood.condition().variables())
        .put("discrete", likelihood.discrete());
    report
        .draws()
        .ifPresent(
            draws ->
                json.put("samples", draws.samples())
                    .put("repeats", draws.repeats())
                    .put("seed", draws.seed()));
    if (!report.settings().isEmpty()) {
      json.set("settings", SETTINGS.valueToTree(report.settings()));
    }
    report.limit().ifPresent(limit -> json.put("limit", limit));
    put(json, "mean_log_likelihood_nats", likelihood.meanNats());
    put(json, "standard_error", likelihood.standardError());
    likelihood.monteCarloError().ifPresent(error -> put(json, "monte_carlo_error", error));
    put(json, "nats_per_element", likelihood.natsPerElement());
    put(json, ELEMENT_ERROR, likelihood.natsPerElementError());
    likelihood.bitsPerDim().ifPresent(bits -> put(json, "bits_per_dim", bits));
    likelihood
        .bitsPerDimError()
        .ifPresent(error -> put(json, "bits_per_dim_standard_error", error));
    report
        .columns()
        .ifPresent(
            columns -> {
              put(json, "discrete_nats", columns.discreteNats());
              put(json, "continuous_nats", columns.continuousNats());
            });
    report
        .classification()
        .ifPresent(
            classification -> {
              put(json, "joint_mean_log_likelihood_nats", classification.jointMeanNats());
              put(json, "accuracy", classification.accuracy());
            });
    report
        .trainGap()
        .ifPresent(
            gap -> {
              json.put("train_sample", gap.examples());
              put(json, "train_minus_held_out_nats", gap.nats());
              put(json, "train_minus_held_out_standard_error", gap.standardError());
            });
    report
        .diagnostics()
        .forEach(
            (diagnostic, value) ->
                put(
                    diagnostic.isDeclared() ? json : json.withObject("/" + DIAGNOSTICS),
                    diagnostic.text(),
                    value));
    EvaluationMethods.named(likelihood.estimator())
        .note()
        .ifPresent(note -> json.put("note", note));
    json.put("seconds", report.seconds()).put("computed_by", report.computedBy());
    ArrayNode files = json.putArray("files");
    files
        .addObject()
        .put("file", PerExample.FILE)
        .put("bytes", report.perExample().bytes())
        .put("sha256", report.perExample().sha256());
    for (EvaluationReport.NamedFile states : report.states()) {
      files
          .addObject()
          .put("file", states.file())
          .put("bytes", states.bytes())
          .put("sha256", states.sha256());
    }
    return SealedJson.seal(json);
  }

  /**
   * The report in a directory, or in a file.
   *
   * @throws AncestralException (DATA) if there is none or it is damaged
   */
  public static EvaluationReport read(Storage storage, String uri) {
    Path path = file(storage, uri);
    ReportJson json =
        new ReportJson(
            SealedJson.open(storage.read(path, SealedJson.MOST_BYTES), path.toString()),
            path.toString());
    try {
      return json.report();
    } catch (IllegalArgumentException impossible) {
      throw new AncestralException(
          ErrorCode.DATA,
          path + " is no report of an evaluation: " + impossible.getMessage() + "; evaluate again",
          impossible);
    }
  }

  /**
   * Whether a report is of these inputs, whatever kind of report it is.
   *
   * @param overwrite whether a report of other inputs may be replaced
   * @throws AncestralException (SPEC) if it is of others and may not
   */
  public static boolean isOf(Storage storage, Path file, String inputs, boolean overwrite) {
    ReportJson report =
        new ReportJson(
            SealedJson.open(storage.read(file, SealedJson.MOST_BYTES), file.toString()),
            file.toString());
    if (report.text("inputs").equals(inputs)) {
      return true;
    }
    if (overwrite) {
      return false;
    }
    throw new AncestralException(
        ErrorCode.SPEC,
        file.getParent()
            + " holds another evaluation ("
            + report.text(ESTIMATOR)
            + " of "
            + report.text("model")
            + " on "
            + report.text("split")
            + " of "
            + report.text("data")
            + "); choose another output, or replace it with --overwrite");
  }

  /** The file that a directory or file name means. */
  public static Path file(Storage storage, String uri) {
    Path path = storage.path(uri);
    return path.getName().endsWith(".json") ? path : new Path(path, EvaluationReport.FILE);
  }

  private EvaluationReport report() {
    requireKnownEstimator();
    if (!EvaluationMethods.ofLikelihood(text(ESTIMATOR))) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          where
              + " is of a two-sample test, which has no log-likelihood; evaluate by another"
              + " estimator than "
              + text(ESTIMATOR));
    }
    return new EvaluationReport(
        text("inputs"),
        new EvaluationReport.Subject(
            text("model"),
            text("model_sha256"),
            text("weights"),
            text("data"),
            text("data_sha256"),
            text("split")),
        json.has("samples")
            ? Optional.of(
                new EvaluationReport.Draws(
                    (int) whole("samples"), (int) whole("repeats"), whole("seed")))
            : Optional.empty(),
        settings(),
        json.has("limit") ? OptionalLong.of(whole("limit")) : OptionalLong.empty(),
        new LogLikelihood(
            kind(text("kind")),
            Condition.parse(text(VARIABLES), text(CONDITION)),
            text(ESTIMATOR),
            whole("examples"),
            whole("elements"),
            number("mean_log_likelihood_nats"),
            number("standard_error"),
            json.has("monte_carlo_error")
                ? OptionalDouble.of(number("monte_carlo_error"))
                : OptionalDouble.empty(),
            json.has(ELEMENT_ERROR) ? number(ELEMENT_ERROR) : Double.NaN,
            field("discrete").asBoolean()),
        json.has("accuracy")
            ? Optional.of(
                new EvaluationReport.Classification(
                    number("joint_mean_log_likelihood_nats"), number("accuracy")))
            : Optional.empty(),
        json.has("discrete_nats")
            ? Optional.of(
                new EvaluationReport.ColumnNats(number("discrete_nats"), number("continuous_nats")))
            : Optional.empty(),
        json.has("train_sample")
            ? Optional.of(
                new TrainGap(
                    whole("train_sample"),
                    number("train_minus_held_out_nats"),
                    number("train_minus_held_out_standard_error")))
            : Optional.empty(),
        diagnostics(),
        number("seconds"),
        text("computed_by"),
        new Storage.Written(
            field("files").path(0).path("bytes").asLong(),
            field("files").path(0).path("sha256").asText()),
        states());
  }

  /** Empty of reports of earlier versions, which do not say. */
  private SortedMap<String, Object> settings() {
    SortedMap<String, Object> settings = new TreeMap<>();
    json.path("settings")
        .fields()
        .forEachRemaining(
            field -> {
              JsonNode value = field.getValue();
              Object setting = value.isNumber() ? (Object) value.numberValue() : value.asText();
              settings.put(field.getKey(), setting);
            });
    return settings;
  }

  private void requireKnownEstimator() {
    String estimator = text(ESTIMATOR);
    if (!EvaluationMethods.names().contains(estimator)) {
      throw new AncestralException(
          ErrorCode.DATA,
          where
              + " is of the unknown estimator "
              + estimator
              + "; evaluate again with this version, or bring the jar that holds it by --jars");
    }
  }

  private List<EvaluationReport.NamedFile> states() {
    List<EvaluationReport.NamedFile> states = new ArrayList<>();
    JsonNode files = field("files");
    for (int i = 1; i < files.size(); i++) {
      JsonNode file = files.get(i);
      states.add(
          new EvaluationReport.NamedFile(
              ManifestFields.file(file.path("file").asText(), where),
              file.path("bytes").asLong(),
              file.path("sha256").asText()));
    }
    return states;
  }

  private SortedMap<Diagnostic, Double> diagnostics() {
    SortedMap<Diagnostic, Double> diagnostics = Diagnostic.map();
    for (Diagnostic diagnostic : Diagnostic.declared()) {
      if (json.has(diagnostic.text())) {
        diagnostics.put(diagnostic, number(diagnostic.text()));
      }
    }
    json.path(DIAGNOSTICS)
        .fields()
        .forEachRemaining(
            field -> diagnostics.put(new Diagnostic(field.getKey()), number(field.getValue())));
    return diagnostics;
  }

  private JsonNode field(String name) {
    JsonNode value = json.get(name);
    if (value == null) {
      throw new AncestralException(
          ErrorCode.DATA,
          where + " has no field " + name + "; it is not a report of this version: evaluate again");
    }
    return value;
  }

  private String text(String name) {
    return field(name).asText();
  }

  private long whole(String name) {
    return field(name).asLong();
  }

  private double number(String name) {
    return number(field(name));
  }

  private static double number(JsonNode value) {
    // An event of probability zero makes a mean of −∞, which JSON can only say in words.
    return value.isNull()
        ? Double.NaN
        : value.isTextual() ? Double.parseDouble(value.asText()) : value.asDouble();
  }

  private LogLikelihood.Kind kind(String text) {
    return Arrays.stream(LogLikelihood.Kind.values())
        .filter(kind -> kind.text().equals(text))
        .findFirst()
        .orElseThrow(
            () -> new AncestralException(ErrorCode.DATA, where + " has the unknown kind " + text));
  }

  private static void put(ObjectNode json, String field, double value) {
    if (Double.isFinite(value)) {
      json.put(field, value);
    } else if (Double.isNaN(value)) {
      json.putNull(field);
    } else {
      json.put(field, value > 0 ? "Infinity" : "-Infinity");
    }
  }
}
