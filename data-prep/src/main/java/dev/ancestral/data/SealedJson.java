package dev.ancestral.data;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.checkpoint.JsonValues;
import java.io.IOException;
import java.util.Arrays;

/**
 * A JSON object that proves it is whole: its last field, {@code sha256}, is the hash of the object
 * without it, in compact form and in the order of its fields.
 *
 * <p>A file cut short is no JSON, and one changed anywhere has another hash, so a reader can trust
 * a small file on a store that promises nothing about renames. White space is free.
 */
public final class SealedJson {
  /** Bytes that a file of this kind may have: room for some million shards. */
  public static final int MOST_BYTES = 1 << 29;

  // A shard of a manifest is listed in 15 names and values and 270 bytes.
  private static final long VALUES_OF_ANY_FILE = 1 << 20;
  private static final int BYTES_OF_A_VALUE = 8;

  private static final String SEAL = "sha256";
  private static final ObjectMapper JSON =
      JsonMapper.builder()
          .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private SealedJson() {}

  /** An object to be filled, whose fields keep their order. */
  public static ObjectNode object() {
    return JSON.createObjectNode();
  }

  /** The object with its seal, indented, in UTF-8. */
  public static byte[] seal(ObjectNode object) {
    // Through text once, so that the hash is of what a reader will parse.
    ObjectNode sealed = (ObjectNode) parse(compact(object), "memory");
    sealed.put(SEAL, Sha256.of(compact(sealed)));
    DefaultPrettyPrinter.Indenter indenter = new DefaultIndenter("  ", "\n");
    try {
      byte[] text =
          JSON.writer(new DefaultPrettyPrinter().withObjectIndenter(indenter))
              .writeValueAsBytes(sealed);
      byte[] line = Arrays.copyOf(text, text.length + 1);
      line[text.length] = '\n';
      return line;
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of JSON is always printable", e);
    }
  }

  /**
   * The object without its seal.
   *
   * @param where the file, for messages
   * @throws AncestralException (DATA) if it is cut short, is no object, or its seal is missing or
   *     wrong
   */
  public static ObjectNode open(byte[] sealed, String where) {
    if (!(parse(sealed, where) instanceof ObjectNode object)) {
      throw new AncestralException(
          ErrorCode.DATA,
          where + " is damaged: it is no JSON object; restore it, or remove it and make it again");
    }
    JsonNode seal = object.remove(SEAL);
    String actual = Sha256.of(compact(object));
    if (seal == null || !actual.equals(seal.textValue())) {
      throw new AncestralException(
          ErrorCode.DATA,
          where
              + " is damaged or was edited: its "
              + SEAL
              + " field says "
              + (seal == null ? "nothing" : seal)
              + ", its content has \""
              + actual
              + "\"; restore it, or remove it and make it again");
    }
    return object;
  }

  private static JsonNode parse(byte[] text, String where) {
    try {
      JsonValues.requireAtMost(VALUES_OF_ANY_FILE + text.length / BYTES_OF_A_VALUE, text, where);
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new AncestralException(
          ErrorCode.DATA,
          where
              + " is damaged: no JSON"
              // What is nested too deeply has no location.
              + (e.getLocation() == null
                  ? ": " + e.getOriginalMessage()
                  : " at line "
                      + e.getLocation().getLineNr()
                      + " column "
                      + e.getLocation().getColumnNr())
              + "; restore it, or remove it and make it again",
          e);
    } catch (IOException e) { // Zeros at the beginning make it UTF-16 or UTF-32, and wrong at that.
      throw new AncestralException(
          ErrorCode.DATA,
          where
              + " is damaged: no JSON in UTF-8 ("
              + e.getMessage()
              + "); restore it, or remove it and make it again",
          e);
    }
  }

  private static byte[] compact(ObjectNode object) {
    try {
      return JSON.writeValueAsBytes(object);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of JSON is always printable", e);
    }
  }
}
