package dev.ancestral.checkpoint;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.Suggestion;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Strict reading of the fields of one JSON object: every refusal names file, field and value. */
final class JsonFields {
  /** Duplicate names and text after the document are errors. */
  static final ObjectMapper STRICT =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** Names and values of a document: some hundred megabytes as a tree and as plain Java values. */
  private static final int MOST_VALUES = 5 << 18;

  private static final TypeReference<LinkedHashMap<String, Object>> MAP = new TypeReference<>() {};

  private final JsonNode object;
  private final String path;
  private final String where;
  private final Set<String> read = new TreeSet<>();

  JsonFields(JsonNode object, String path, String where) {
    this.object = object;
    this.path = path;
    this.where = where;
    if (!object.isObject()) {
      throw refusal(
          (path.isEmpty() ? "the document" : path) + " is " + abbreviated(object),
          "an object {...}");
    }
  }

  /** The document, or a refusal that names the line and column at which it stops being JSON. */
  static JsonNode document(byte[] json, String where) {
    try {
      JsonValues.requireAtMost(MOST_VALUES, json, where);
      JsonNode node = STRICT.readTree(json);
      if (node == null || node.isMissingNode()) {
        throw new AncestralException(
            ErrorCode.DATA, where + ": the file is empty; it must hold JSON");
      }
      return node;
    } catch (JsonProcessingException e) {
      String position =
          e.getLocation() == null
              ? ""
              : " at line "
                  + e.getLocation().getLineNr()
                  + " column "
                  + e.getLocation().getColumnNr();
      throw new AncestralException(
          ErrorCode.DATA,
          where + ": no JSON" + position + ": " + e.getOriginalMessage() + "; restore it",
          e);
    } catch (IOException e) { // Zeros at the beginning make it UTF-16 or UTF-32, and wrong at that.
      throw new AncestralException(
          ErrorCode.DATA, where + ": no JSON in UTF-8 (" + e.getMessage() + "); restore it", e);
    }
  }

  /** The value of a field, or null if it is absent or null. */
  JsonNode optional(String name) {
    read.add(name);
    JsonNode value = object.get(name);
    return value == null || value.isNull() ? null : value;
  }

  JsonNode required(String name, String allowed) {
    JsonNode value = optional(name);
    if (value == null) {
      throw refusal(join(name) + " is missing", allowed);
    }
    return value;
  }

  String text(String name) {
    JsonNode value = required(name, "a text");
    if (!value.isTextual()) {
      throw wrong(name, value, "a text");
    }
    return value.textValue();
  }

  String text(String name, String byDefault) {
    return optional(name) == null ? byDefault : text(name);
  }

  int count(String name, int least) {
    String allowed = "a whole number of at least " + least;
    return count(join(name), required(name, allowed), least, allowed);
  }

  int count(String name, int least, int byDefault) {
    return optional(name) == null ? byDefault : count(name, least);
  }

  boolean flag(String name, boolean byDefault) {
    JsonNode value = optional(name);
    if (value == null) {
      return byDefault;
    }
    if (!value.isBoolean()) {
      throw wrong(name, value, "true or false");
    }
    return value.booleanValue();
  }

  List<Integer> counts(String name, int least) {
    String allowed = "a list of whole numbers of at least " + least;
    JsonNode value = required(name, allowed);
    if (!value.isArray()) {
      throw wrong(name, value, allowed);
    }
    List<Integer> counts = new ArrayList<>();
    for (JsonNode item : value) {
      counts.add(count(join(name) + "[" + counts.size() + "]", item, least, allowed));
    }
    return counts;
  }

  double number(String name) {
    JsonNode value = required(name, "a number");
    if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
      throw wrong(name, value, "a finite number");
    }
    return value.doubleValue();
  }

  long integer(String name) {
    JsonNode value = required(name, "a whole number");
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw wrong(name, value, "a whole number below 2^63");
    }
    return value.longValue();
  }

  List<Long> integers(String name) {
    JsonNode value = required(name, "a list of whole numbers");
    List<Long> integers = new ArrayList<>();
    for (JsonNode item : value) {
      if (!item.isIntegralNumber() || !item.canConvertToLong()) {
        throw refusal(join(name) + "[" + integers.size() + "] is " + item, "a whole number");
      }
      integers.add(item.longValue());
    }
    return integers;
  }

  List<String> texts(String name) {
    JsonNode value = optional(name);
    List<String> texts = new ArrayList<>();
    if (value == null) {
      return texts;
    }
    if (!value.isArray()) {
      throw wrong(name, value, "a list of texts");
    }
    for (JsonNode item : value) {
      if (!item.isTextual()) {
        throw refusal(join(name) + "[" + texts.size() + "] is " + abbreviated(item), "a text");
      }
      texts.add(item.textValue());
    }
    return texts;
  }

  /** The object under a name as plain Java values; empty if it is absent. */
  Map<String, Object> map(String name) {
    JsonNode value = optional(name);
    if (value == null) {
      return Map.of();
    }
    if (!value.isObject()) {
      throw wrong(name, value, "an object {...}");
    }
    return STRICT.convertValue(value, MAP);
  }

  /** Refuses fields that were not read. */
  void refuseOthers() {
    object
        .fieldNames()
        .forEachRemaining(
            name -> {
              if (!read.contains(name)) {
                throw new AncestralException(
                    ErrorCode.DATA,
                    where
                        + ": "
                        + join(name)
                        + " is not a known field; known here are "
                        + read
                        + Suggestion.question(name, read));
              }
            });
  }

  AncestralException wrong(String name, JsonNode value, String allowed) {
    return refusal(join(name) + " is " + abbreviated(value), allowed);
  }

  private int count(String name, JsonNode value, int least, String allowed) {
    if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < least) {
      throw refusal(name + " is " + abbreviated(value), allowed);
    }
    return value.intValue();
  }

  private AncestralException refusal(String what, String allowed) {
    return new AncestralException(ErrorCode.DATA, where + ": " + what + "; it must be " + allowed);
  }

  private String join(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  private static String abbreviated(JsonNode value) {
    String text = value.toString();
    return text.length() <= 80 ? text : text.substring(0, 77) + "...";
  }
}
