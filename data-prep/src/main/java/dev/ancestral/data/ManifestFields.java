package dev.ancestral.data;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.util.regex.Pattern;

/** The fields of an object in a manifest; what is missing or of another type is refused. */
public record ManifestFields(JsonNode object, String where) {
  // No name begins with a dot: neither '..' nor what an unfinished writer left is ever listed.
  private static final Pattern BELOW = Pattern.compile("(\\w[\\w.-]*)(/\\w[\\w.-]*)*");

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

  long integer(String name, long least, long most) {
    long value = integer(name);
    if (value < least || value > most) {
      throw wrong(name, object.path(name), "a whole number from " + least + " to " + most);
    }
    return value;
  }

  /**
   * The path of a file relative to the folder of the manifest.
   *
   * @throws AncestralException (DATA) if it may lead out of that folder
   */
  public static String file(String path, String where) {
    if (path == null || !BELOW.matcher(path).matches()) {
      throw new AncestralException(
          ErrorCode.DATA,
          where
              + ": file is '"
              + path
              + "'; it must be a name below the manifest's own folder, of letters, digits, '.', '_'"
              + " and '-', without '..': do not use a manifest of a stranger");
    }
    return path;
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

  AncestralException wrong(String name, JsonNode value, String allowed) {
    return new AncestralException(
        ErrorCode.DATA,
        where
            + ": "
            + name
            + (value.isMissingNode() ? " is missing" : " is " + value)
            + "; it must be "
            + allowed);
  }
}
