package dev.ancestral.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.AncestralException;
import dev.ancestral.model.EventSpec;
import dev.ancestral.schema.RowSchema;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * An {@link EventSpec} in JSON, the same in model.json and in a dataset's manifest.json:
 *
 * <pre>{@code
 * {"shape": [28, 28, 1],
 *  "elements": {"kind": "discrete", "levels": 256},
 *  "variableLength": false,
 *  "classes": 10,
 *  "vocabulary": ["a", "b"],
 *  "sampleRate": 8000,
 *  "missing": true,
 *  "columns": ["amount", "vector"],
 *  "columnElements": [1, 783]}
 * }</pre>
 *
 * <p>{@code elements} is {@code {"kind": "continuous"}} for real numbers and {@code {"kind":
 * "row"}} for rows of a table, whose {@code schema} stands beside the event in the document. Only
 * {@code shape} and {@code elements} are required; {@code vocabulary}, {@code sampleRate}, {@code
 * missing} and {@code columns} are written only where they say something, {@code columnElements}
 * only where a column has more than one. {@code "end": "learned"} stands where sequences end with
 * an end symbol, the last level.
 */
public final class EventSpecJson {
  private static final String END = "end";
  private static final String LEARNED = "learned";

  private EventSpecJson() {}

  /** Writes {@code event} into a document, and for rows {@code schema} beside it. */
  public static void put(ObjectNode document, EventSpec event) {
    document.set("event", toJson(event));
    event.schema().ifPresent(schema -> document.set("schema", RowSchemaJson.toJson(schema)));
  }

  private static ObjectNode toJson(EventSpec event) {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ArrayNode shape = json.putArray("shape");
    event.shape().forEach(shape::add);
    ObjectNode elements = json.putObject("elements");
    if (event.isDiscrete()) {
      elements.put("kind", "discrete").put("levels", event.levels());
    } else {
      elements.put("kind", event.isRows() ? "row" : "continuous");
    }
    json.put("variableLength", event.variableLength());
    json.put("classes", event.classes());
    if (!event.vocabulary().isEmpty()) {
      ArrayNode vocabulary = json.putArray("vocabulary");
      event.vocabulary().forEach(vocabulary::add);
    }
    if (event.sampleRate() != 0) {
      json.put("sampleRate", event.sampleRate());
    }
    if (event.missing()) {
      json.put("missing", true);
    }
    if (event.learnedEnd()) {
      json.put(END, LEARNED);
    }
    if (!event.isRows() && !event.columns().isEmpty()) {
      event.columnNames().forEach(json.putArray("columns")::add);
      if (event.columns().stream().anyMatch(column -> column.elements() > 1)) {
        ArrayNode elementsOf = json.putArray("columnElements");
        event.columns().forEach(column -> elementsOf.add(column.elements()));
      }
    }
    return json;
  }

  /**
   * The event of a JSON object.
   *
   * @param schema what stands beside it as {@code schema}; null or missing where nothing does
   * @param where the file and field it stands in, for messages
   * @throws dev.ancestral.AncestralException (DATA) if a field is missing, unknown or wrong; the
   *     message names it
   */
  public static EventSpec parse(JsonNode json, JsonNode schema, String where) {
    JsonFields fields = new JsonFields(json, "event", where);
    Optional<RowSchema> rows =
        schema == null || schema.isMissingNode() || schema.isNull()
            ? Optional.empty()
            : Optional.of(RowSchemaJson.parse(schema, where));
    try {
      EventSpec event =
          new EventSpec(
              fields.counts("shape", 1),
              elements(fields.required("elements", "an object {...}"), rows, where),
              fields.flag("variableLength", false),
              fields.count("classes", 0, 0),
              fields.texts("vocabulary"),
              fields.count("sampleRate", 0, 0),
              fields.flag("missing", false),
              rows.isPresent() ? EventSpec.columns(rows.get()) : columns(fields),
              isEndLearned(fields));
      fields.refuseOthers();
      return event;
    } catch (AncestralException refusal) {
      // What the event itself refuses does not know the file.
      boolean located = refusal.getMessage().startsWith(where);
      throw located
          ? refusal
          : new AncestralException(refusal.code(), where + ": " + refusal.getMessage());
    }
  }

  private static List<EventSpec.Column> columns(JsonFields fields) {
    List<String> names = fields.texts("columns");
    List<Integer> elements =
        fields.optional("columnElements") == null
            ? Collections.nCopies(names.size(), 1)
            : fields.counts("columnElements", 1);
    if (elements.size() != names.size()) {
      throw fields.wrong(
          "columnElements",
          fields.optional("columnElements"),
          "a list of " + names.size() + " whole numbers, one for each column");
    }
    List<EventSpec.Column> columns = new ArrayList<>();
    for (int c = 0; c < names.size(); c++) {
      columns.add(new EventSpec.Column(names.get(c), elements.get(c)));
    }
    return columns;
  }

  private static boolean isEndLearned(JsonFields fields) {
    JsonNode end = fields.optional(END);
    if (end != null && !end.asText().equals(LEARNED)) {
      throw fields.wrong(END, end, "\"" + LEARNED + "\" or left out");
    }
    return end != null;
  }

  private static EventSpec.Elements elements(
      JsonNode json, Optional<RowSchema> rows, String where) {
    JsonFields fields = new JsonFields(json, "event.elements", where);
    EventSpec.Elements elements =
        switch (fields.text("kind")) {
          case "discrete" -> new EventSpec.Discrete(fields.count("levels", 2));
          case "continuous" -> new EventSpec.Continuous();
          case "row" ->
              new EventSpec.Row(
                  rows.orElseThrow(
                      () ->
                          fields.wrong(
                              "kind", json.get("kind"), "with \"schema\" beside \"event\"")));
          default ->
              throw fields.wrong(
                  "kind", json.get("kind"), "\"discrete\", \"continuous\" or \"row\"");
        };
    fields.refuseOthers();
    if (rows.isPresent() != elements instanceof EventSpec.Row) {
      throw fields.wrong("kind", json.get("kind"), "\"row\" where a \"schema\" stands beside it");
    }
    return elements;
  }
}
