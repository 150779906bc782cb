package dev.ancestral.data.source.sequence;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.MemoryBound;
import dev.ancestral.data.Storage;
import dev.ancestral.data.source.InputBytes;
import dev.ancestral.data.source.Part;
import dev.ancestral.data.source.SourceContext;
import dev.ancestral.data.source.StreamedFormat;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * Sequences of steps in JSON, {@code {"train": [[step, ...], ...], "valid": ..., "test": ...}},
 * plain or gzip; only the split asked for is read.
 */
abstract class JsonSteps implements StreamedFormat.Reader {
  // A step of two brackets becomes a whole vector: a small file must not fill the memory.
  private static final int MOST_ELEMENTS = 1 << 26;
  // The parser keeps every name that it meets, also in what is passed over.
  private static final int MOST_NAMES = 10_000;
  private static final int LONGEST_TOLD = 1000;

  private final InputBytes bytes;
  private final JsonParser json;
  private final int size;
  private final int mostElements;
  private String entered;
  private int names;
  private int index = -1;
  private int steps;

  /**
   * @param size elements of a step
   */
  JsonSteps(Storage storage, Part part, int size) throws IOException {
    bytes = InputBytes.open(storage, part.file().path());
    this.size = size;
    mostElements = Math.min(MOST_ELEMENTS, MemoryBound.elements(part.file().length()));
    json = new JsonFactory().createParser(bytes.stream());
  }

  /** Opens at a split; closes what it cannot read. */
  static JsonSteps entered(JsonSteps steps, String split) throws IOException {
    try {
      steps.enter(split);
      return steps;
    } catch (IOException | AncestralException e) {
      steps.close();
      throw e;
    }
  }

  /** Only one split is taken from files that name their splits. */
  static void requireSplit(SourceContext context) {
    if (context.split().isEmpty()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "a file of sequences is divided already; split must be train, valid or test");
    }
  }

  /** Goes to the list of sequences of a split. */
  private void enter(String split) throws IOException {
    expect(token(), JsonToken.START_OBJECT, "an object of splits");
    StringBuilder seen = new StringBuilder();
    while (token() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      JsonToken value = token();
      if (name.equals(split)) {
        expect(value, JsonToken.START_ARRAY, "a list of sequences");
        entered = split;
        return;
      }
      if (seen.length() < LONGEST_TOLD) {
        seen.append(seen.isEmpty() ? "" : ", ").append(name);
      }
      skip();
    }
    throw new AncestralException(
        ErrorCode.DATA,
        bytes.path() + " has no split '" + split + "'; it has " + seen + ": name one of these");
  }

  private void skip() throws IOException {
    int open = json.currentToken().isStructStart() ? 1 : 0;
    while (open > 0) {
      JsonToken token = token();
      open += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
    }
  }

  /**
   * Reads a step.
   *
   * @param token its first one
   * @param values where its elements go, zeros from {@code at} on
   */
  abstract void step(JsonToken token, int[] values, int at) throws IOException;

  final JsonParser json() {
    return json;
  }

  @Override
  public int[] next() throws IOException {
    JsonToken token = token();
    if (token == JsonToken.END_ARRAY) {
      requireEnd();
      return null;
    }
    index++;
    expect(token, JsonToken.START_ARRAY, "a sequence (a list of steps)");
    int[] values = new int[size];
    steps = 0;
    for (token = token(); token != JsonToken.END_ARRAY; token = token(), steps++) {
      long needed = (steps + 1L) * size;
      if (needed > mostElements) {
        throw wrong(
            "a sequence of more than " + steps + " steps of " + size + " elements",
            "one of at most " + mostElements + " elements: cut it, or choose a smaller size");
      }
      if (values.length < needed) {
        values = Arrays.copyOf(values, (int) Math.min(mostElements, 2L * values.length));
      }
      step(token, values, steps * size);
    }
    return Arrays.copyOf(values, steps * size);
  }

  /** Other splits may follow, and nothing behind the object. */
  private void requireEnd() throws IOException {
    JsonToken token = token();
    for (; token == JsonToken.FIELD_NAME; token = token()) {
      String name = json.currentName();
      if (name.equals(entered)) {
        throw wrong("the split '" + name + "' a second time", "there once: put them into one");
      }
      token();
      skip();
    }
    expect(token, JsonToken.END_OBJECT, "the name of another split");
    if (nextToken() != null) {
      throw wrong(
          "more behind the object of splits (" + text() + ")",
          "one object alone: put all sequences into it");
    }
  }

  final JsonToken token() throws IOException {
    JsonToken token = nextToken();
    if (token == null) {
      throw wrong("the end of the file", "more JSON: get a whole copy");
    }
    return token;
  }

  /** The next token, or null at the end of the file. */
  private JsonToken nextToken() throws IOException {
    try {
      JsonToken token = json.nextToken();
      if (token == JsonToken.FIELD_NAME && ++names > MOST_NAMES) {
        throw wrong("a name after " + MOST_NAMES + " others", "lists: name the splits alone");
      }
      return token;
    } catch (JsonEOFException e) {
      throw wrong("the end of the file", "more JSON: get a whole copy");
    } catch (JsonProcessingException e) {
      throw wrong(e.getOriginalMessage(), "JSON: get a whole copy");
    }
  }

  final void expect(JsonToken actual, JsonToken expected, String what) throws IOException {
    if (actual != expected) {
      throw wrong(text(), what);
    }
  }

  /** What is there, short; a text that is not even JSON is found out only when it is read. */
  final String text() throws IOException {
    try {
      String text = json.getText();
      return text.length() <= 40 ? text : text.substring(0, 40) + "...";
    } catch (JsonProcessingException e) {
      return e.getOriginalMessage();
    }
  }

  final AncestralException wrong(String what, String allowed) {
    return new AncestralException(
        ErrorCode.DATA,
        bytes.path()
            + " line "
            + json.currentLocation().getLineNr()
            + " column "
            + json.currentLocation().getColumnNr()
            + ": there is "
            + what
            + "; it must be "
            + allowed);
  }

  @Override
  public List<Integer> shape() {
    return List.of(size);
  }

  @Override
  public int length() {
    return steps;
  }

  @Override
  public String where(int element) {
    return bytes.path() + " sequence " + index + " step " + element / size;
  }

  @Override
  public void close() throws IOException {
    json.close();
    bytes.close();
  }
}
