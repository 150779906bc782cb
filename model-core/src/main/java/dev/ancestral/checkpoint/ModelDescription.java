package dev.ancestral.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.label.LabelFrequencies;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What model.json says: everything but the weights that is needed to score and sample with a model,
 * and where it came from.
 *
 * <pre>{@code
 * {"format": 1,
 *  "family": "naive-bayes",
 *  "parameters": {"likelihood": "bernoulli"},
 *  "event": {"shape": [28, 28, 1], "elements": {"kind": "discrete", "levels": 2}},
 *  "dequantize": "none",
 *  "engine": "torch",
 *  "spec": {...},
 *  "provenance": {...},
 *  "labelFrequencies": [5923, 6742],
 *  "parametersSha256": "0ad1..."}
 * }</pre>
 *
 * <p>A file written by hand needs {@code format}, {@code family} and {@code event}; the rest has
 * the defaults shown, or is empty.
 *
 * @param format version of the file, {@link #FORMAT}
 * @param family built-in name or class name
 * @param model the family's settings, in the file {@code parameters}: the keys under {@code model:}
 *     of the spec other than the family
 * @param event what an example is
 * @param dequantize {@code none} or {@code uniform}
 * @param engine that executed the training
 * @param spec the whole spec of the run
 * @param provenance versions, data manifest hash, seed, hardware
 * @param labelFrequencies of each label in the training data, of a model of p(x | label); empty
 *     where they are unknown or there is no such label. They are read in proportion to their sum
 * @param parametersSha256 of the file of parameters, hexadecimal; empty where it is not known, as
 *     in a description that was written by hand
 */
public record ModelDescription(
    int format,
    String family,
    Map<String, Object> model,
    EventSpec event,
    String dequantize,
    String engine,
    Map<String, Object> spec,
    Map<String, Object> provenance,
    List<Double> labelFrequencies,
    Optional<String> parametersSha256) {

  /** The version that this build writes, and the latest that it reads. */
  public static final int FORMAT = 1;

  private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
  private static final double LARGEST_COUNT = 1L << 53;
  private static final String FREQUENCIES = "labelFrequencies";
  private static final String PARAMETERS_SHA256 = "parametersSha256";
  private static final Set<String> DEQUANTIZE = Set.of("none", "uniform");

  public ModelDescription {
    model = Collections.unmodifiableMap(new LinkedHashMap<>(model));
    spec = Collections.unmodifiableMap(new LinkedHashMap<>(spec));
    provenance = Collections.unmodifiableMap(new LinkedHashMap<>(provenance));
    labelFrequencies = List.copyOf(labelFrequencies);
  }

  /** A description without frequencies of labels and without the hash of the parameters. */
  public ModelDescription(
      int format,
      String family,
      Map<String, Object> model,
      EventSpec event,
      String dequantize,
      String engine,
      Map<String, Object> spec,
      Map<String, Object> provenance) {
    this(
        format,
        family,
        model,
        event,
        dequantize,
        engine,
        spec,
        provenance,
        List.of(),
        Optional.empty());
  }

  /** The same with another provenance. */
  public ModelDescription withProvenance(Map<String, Object> other) {
    return new ModelDescription(
        format,
        family,
        model,
        event,
        dequantize,
        engine,
        spec,
        other,
        labelFrequencies,
        parametersSha256);
  }

  /** p(label), if it is known. */
  public Optional<LabelFrequencies> frequencies() {
    return labelFrequencies.isEmpty()
        ? Optional.empty()
        : Optional.of(new LabelFrequencies(labelFrequencies));
  }

  /** UTF-8, indented, fields in the order of the record; equal descriptions give equal bytes. */
  public byte[] toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("format", format);
    json.put("family", family);
    json.set("parameters", JsonFields.STRICT.valueToTree(model));
    EventSpecJson.put(json, event);
    json.put("dequantize", dequantize);
    json.put("engine", engine);
    json.set("spec", JsonFields.STRICT.valueToTree(spec));
    json.set("provenance", JsonFields.STRICT.valueToTree(provenance));
    if (!labelFrequencies.isEmpty()) {
      ArrayNode frequencies = json.putArray(FREQUENCIES);
      for (double frequency : labelFrequencies) {
        if (frequency == Math.rint(frequency) && frequency <= LARGEST_COUNT) {
          frequencies.add((long) frequency);
        } else {
          frequencies.add(frequency);
        }
      }
    }
    parametersSha256.ifPresent(sha256 -> json.put(PARAMETERS_SHA256, sha256));
    try {
      // The line feed is fixed so that a file has the same bytes on every platform.
      DefaultPrettyPrinter printer = new DefaultPrettyPrinter();
      printer.indentObjectsWith(new DefaultIndenter("  ", "\n"));
      return (JsonFields.STRICT.writer(printer).writeValueAsString(json) + "\n")
          .getBytes(StandardCharsets.UTF_8);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a description of plain values has no JSON", e);
    }
  }

  /**
   * The description in a file.
   *
   * @param where the file, for messages
   * @throws AncestralException (MISMATCH) if a later version of Ancestral wrote it; (DATA) if it is
   *     no JSON or a field is missing, unknown or wrong
   */
  public static ModelDescription parse(byte[] json, String where) {
    JsonNode document = JsonFields.document(json, where);
    JsonFields fields = new JsonFields(document, "", where);
    int format = fields.count("format", 1);
    if (format > FORMAT) {
      // Before anything else is read: a later format may have other fields.
      throw new AncestralException(
          ErrorCode.MISMATCH,
          where
              + ": format is "
              + format
              + ", written by a later version; this version reads up to "
              + FORMAT
              + ": use the version that wrote it or a later one");
    }
    String family = fields.text("family");
    Map<String, Object> model = fields.map("parameters");
    JsonNode event = fields.required("event", "an object {...}");
    String dequantize = fields.text("dequantize", "none");
    if (!DEQUANTIZE.contains(dequantize)) {
      throw fields.wrong("dequantize", document.get("dequantize"), "\"none\" or \"uniform\"");
    }
    EventSpec parsed = EventSpecJson.parse(event, fields.optional("schema"), where);
    ModelDescription description =
        new ModelDescription(
            format,
            family,
            model,
            parsed,
            dequantize,
            fields.text("engine", "torch"),
            fields.map("spec"),
            fields.map("provenance"),
            frequencies(fields, parsed),
            parametersSha256(fields));
    fields.refuseOthers();
    return description;
  }

  private static Optional<String> parametersSha256(JsonFields fields) {
    JsonNode value = fields.optional(PARAMETERS_SHA256);
    if (value != null && !(value.isTextual() && SHA256.matcher(value.textValue()).matches())) {
      throw fields.wrong(
          PARAMETERS_SHA256, value, "the SHA-256 of the parameters, 64 digits of 0-9 and a-f");
    }
    return Optional.ofNullable(value).map(JsonNode::textValue);
  }

  /** One finite number of at least 0 for each class, not all of them 0; or nothing. */
  private static List<Double> frequencies(JsonFields fields, EventSpec event) {
    JsonNode value = fields.optional(FREQUENCIES);
    if (value == null) {
      return List.of();
    }
    List<Double> frequencies = new ArrayList<>();
    if (value.isArray()) {
      for (JsonNode item : value) {
        frequencies.add(item.isNumber() ? item.doubleValue() : Double.NaN);
      }
    }
    String allowed =
        event.hasLabels()
            ? "a list of "
                + event.classes()
                + " numbers of at least 0 that are not all 0, one for each class of the event"
            : "left out, as the event has no classes";
    try {
      if (!event.hasLabels() || frequencies.size() != event.classes()) {
        throw fields.wrong(FREQUENCIES, value, allowed);
      }
      // The constructor checks the numbers.
      new LabelFrequencies(frequencies);
    } catch (IllegalArgumentException impossible) {
      throw fields.wrong(FREQUENCIES, value, allowed);
    }
    return frequencies;
  }
}
