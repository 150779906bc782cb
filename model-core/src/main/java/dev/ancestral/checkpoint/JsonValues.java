package dev.ancestral.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.io.IOException;

/**
 * Counts the names and values of a JSON text before a tree is made of it: a value of two characters
 * takes some eighty bytes in a tree.
 */
public final class JsonValues {
  private static final JsonFactory JSON = new JsonFactory();

  private JsonValues() {}

  /**
   * Checks that a text has no more names and values than may be held.
   *
   * @param where the file, for messages
   * @throws IOException if it is no JSON
   * @throws AncestralException (DATA) if it has more
   */
  public static void requireAtMost(long most, byte[] json, String where) throws IOException {
    if (json.length <= most) {
      return; // Each takes a byte at least.
    }
    long values = 0;
    try (JsonParser parser = JSON.createParser(json)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        values += token.isStructEnd() ? 0 : 1;
        if (values > most) {
          throw new AncestralException(
              ErrorCode.DATA,
              where
                  + " has more than "
                  + most
                  + " names and values, more than such a file may have; check that this is the"
                  + " file you mean, and do not use one of a stranger");
        }
      }
    }
  }
}
