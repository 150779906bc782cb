package dev.ancestral.data.source.sequence;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;
import dev.ancestral.Refusal;
import dev.ancestral.config.Settings;
import dev.ancestral.data.MemoryBound;
import dev.ancestral.data.Payload;
import dev.ancestral.data.Storage;
import dev.ancestral.data.source.InputBytes;
import dev.ancestral.data.source.Part;
import dev.ancestral.data.source.Profile;
import dev.ancestral.data.source.Source;
import dev.ancestral.data.source.SourceContext;
import dev.ancestral.data.source.SourceProvider;
import dev.ancestral.data.source.StreamedFormat;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * Sequences of sets of keys in JSON, such as chords of a piano: {@code {"train": [[[60, 64], [62]],
 * ...], "valid": ..., "test": ...}}; plain or gzip. A step becomes a vector of zeros and ones.
 * Where elements may be missing, {@code null} in the place of a step is one of which nothing is
 * known, and a text such as {@code "64?"} in the place of a key one that may be active or not.
 *
 * <p>The file names its splits: only the one asked for is read.
 *
 * @param first the key of element 0
 * @param size number of elements of a step
 * @param missing whether elements may be missing
 */
public record Sequences(int first, int size, boolean missing) implements StreamedFormat {
  private static final long serialVersionUID = 1L;
  // A step of two brackets becomes a whole vector: a small file must not fill the memory.
  private static final int MOST_ELEMENTS = 1 << 26;

  public Sequences {
    if (size < 1) {
      throw new Refusal(Refusal.Kind.SPEC, "size is " + size + "; a step has at least 1 element");
    }
  }

  /** Sequences of which all is known. */
  public Sequences(int first, int size) {
    this(first, size, false);
  }

  @Override
  public Survey survey(SourceContext context) {
    if (context.split().isEmpty()) {
      throw new Refusal(
          Refusal.Kind.SPEC,
          "a file of sequences is divided already; split must be train, valid or test");
    }
    return StreamedFormat.super.survey(context);
  }

  @Override
  public Reader open(Storage storage, Part part, String split) throws IOException {
    InputBytes bytes = InputBytes.open(storage, part.file().path());
    try {
      int most = Math.min(MOST_ELEMENTS, MemoryBound.elements(part.file().length()));
      Steps steps = new Steps(bytes, first, size, missing, most);
      steps.enter(split);
      return steps;
    } catch (IOException | Refusal e) {
      bytes.close();
      throw e;
    }
  }

  @Override
  public EventSpec event(Profile profile) {
    return new EventSpec(List.of(size), new EventSpec.Discrete(2), true, 0, List.of(), 0, missing);
  }

  @Override
  public String toString() {
    return "sequences of "
        + size
        + " keys from "
        + first
        + (missing ? ", some of them missing" : "");
  }

  private static final class Steps implements Reader {
    // The parser keeps every name that it meets, also in what is passed over.
    private static final int MOST_NAMES = 10_000;
    private static final int LONGEST_TOLD = 1000;

    private final InputBytes bytes;
    private final JsonParser json;
    private final int first;
    private final int size;
    private final boolean missing;
    private final int mostElements;
    private String entered;
    private int names;
    private int index = -1;
    private int steps;

    Steps(InputBytes bytes, int first, int size, boolean missing, int mostElements)
        throws IOException {
      this.bytes = bytes;
      this.first = first;
      this.size = size;
      this.missing = missing;
      this.mostElements = mostElements;
      json = new JsonFactory().createParser(bytes.stream());
    }

    /** Goes to the list of sequences of a split. */
    void enter(String split) throws IOException {
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
      throw new Refusal(
          Refusal.Kind.DATA,
          bytes.path() + " has no split '" + split + "'; it has " + seen + ": name one of these");
    }

    private void skip() throws IOException {
      int open = json.currentToken().isStructStart() ? 1 : 0;
      while (open > 0) {
        JsonToken token = token();
        open += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
      }
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
        if (missing && token == JsonToken.VALUE_NULL) {
          Arrays.fill(values, steps * size, (steps + 1) * size, Payload.MISSING);
        } else {
          expect(token, JsonToken.START_ARRAY, "a step (a list of keys)");
          step(values, steps * size);
        }
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

    private void step(int[] values, int at) throws IOException {
      for (JsonToken token = token(); token != JsonToken.END_ARRAY; token = token()) {
        if (missing && token == JsonToken.VALUE_STRING) {
          values[at + uncertainElement(json.getText())] = Payload.MISSING;
        } else {
          expect(token, JsonToken.VALUE_NUMBER_INT, "a key (a whole number)");
          if (json.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            throw wrong(
                "a key beyond 64 bits", "from " + first + " to " + (first + (long) size - 1));
          }
          values[at + element(json.getLongValue())] = 1;
        }
      }
    }

    private int uncertainElement(String text) throws IOException {
      if (!text.matches("-?[0-9]{1,9}\\?")) {
        throw wrong("\"" + text + "\"", "a key with a question mark, such as \"" + first + "?\"");
      }
      return element(Long.parseLong(text.substring(0, text.length() - 1)));
    }

    private int element(long key) throws IOException {
      if (key < first || key >= (long) first + size) {
        throw wrong("key " + key, "from " + first + " to " + ((long) first + size - 1));
      }
      return (int) (key - first);
    }

    private JsonToken token() throws IOException {
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

    private void expect(JsonToken actual, JsonToken expected, String what) throws IOException {
      if (actual != expected) {
        throw wrong(text(), what);
      }
    }

    /** What is there, short; a text that is not even JSON is found out only when it is read. */
    private String text() throws IOException {
      try {
        String text = json.getText();
        return text.length() <= 40 ? text : text.substring(0, 40) + "...";
      } catch (JsonProcessingException e) {
        return e.getOriginalMessage();
      }
    }

    private Refusal wrong(String what, String allowed) {
      return new Refusal(
          Refusal.Kind.DATA,
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

  /** The format by its name. */
  public static final class Provider implements SourceProvider {
    @Override
    public String name() {
      return "sequences";
    }

    @Override
    public Source read(Settings settings) {
      return new Sequences(
          settings.count("first", 21, Integer.MIN_VALUE, Integer.MAX_VALUE),
          settings.count("size", 88, 1, 1 << 20),
          settings.flag("missing", false));
    }
  }
}
