package dev.ancestral.data;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ancestral.Refusal;

/** The fields of an object in a manifest; what is missing or of another type is refused. */
record ManifestFields(JsonNode object, String where) {

  String text(String name) {
    JsonNode value = object.path(name);
    if (!value.isTextual()) {
      throw wrong(name, value, "a text");
    }
    return value.textValue();
  }

  long integer(String name) {
    JsonNode value = object.path(name);
    if (!value.isIntegralNumber() || !value.canConvertToLong()) {
      throw wrong(name, value, "a whole number");
    }
    return value.longValue();
  }

  JsonNode object(String name) {
    JsonNode value = object.path(name);
    if (!value.isObject()) {
      throw wrong(name, value, "an object");
    }
    return value;
  }

  JsonNode list(String name) {
    JsonNode value = object.path(name);
    if (!value.isArray()) {
      throw wrong(name, value, "a list");
    }
    return value;
  }

  Refusal wrong(String name, JsonNode value, String allowed) {
    return new Refusal(
        Refusal.Kind.DATA,
        where
            + ": "
            + name
            + (value.isMissingNode() ? " is missing" : " is " + value)
            + "; it must be "
            + allowed);
  }
}
