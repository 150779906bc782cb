package dev.ancestral.data.source.sequence;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Payload;
import dev.ancestral.data.Storage;
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

  public Sequences {
    if (size < 1) {
      throw new AncestralException(
          ErrorCode.SPEC, "size is " + size + "; a step has at least 1 element");
    }
  }

  /** Sequences of which all is known. */
  public Sequences(int first, int size) {
    this(first, size, false);
  }

  @Override
  public Survey survey(SourceContext context) {
    JsonSteps.requireSplit(context);
    return StreamedFormat.super.survey(context);
  }

  @Override
  public Reader open(Storage storage, Part part, String split) throws IOException {
    return JsonSteps.entered(new Keys(storage, part, this), split);
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

  private static final class Keys extends JsonSteps {
    private final int first;
    private final int size;
    private final boolean missing;

    Keys(Storage storage, Part part, Sequences sequences) throws IOException {
      super(storage, part, sequences.size());
      first = sequences.first();
      size = sequences.size();
      missing = sequences.missing();
    }

    @Override
    void step(JsonToken before, int[] values, int at) throws IOException {
      if (missing && before == JsonToken.VALUE_NULL) {
        Arrays.fill(values, at, at + size, Payload.MISSING);
        return;
      }
      expect(before, JsonToken.START_ARRAY, "a step (a list of keys)");
      for (JsonToken token = token(); token != JsonToken.END_ARRAY; token = token()) {
        if (missing && token == JsonToken.VALUE_STRING) {
          values[at + uncertainElement(json().getText())] = Payload.MISSING;
        } else {
          expect(token, JsonToken.VALUE_NUMBER_INT, "a key (a whole number)");
          if (json().getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            throw wrong(
                "a key beyond 64 bits", "from " + first + " to " + (first + (long) size - 1));
          }
          values[at + element(json().getLongValue())] = 1;
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
  }

  /** The format by its name. */
  public static final class Provider implements SourceProvider {
    @Override
    public String name() {
      return "sequences";
    }

    @Override
    public Source read(Settings settings) {
      if (settings.flag("continuous", false)) {
        if (settings.has("first")) {
          settings.wrong(
              "first",
              settings.values().get("first"),
              "left out, as the steps of real numbers have no keys");
        }
        return new RealSequences(
            settings.count("size", 1, 1, 1 << 20), settings.flag("missing", false));
      }
      return new Sequences(
          settings.count("first", 21, Integer.MIN_VALUE, Integer.MAX_VALUE),
          settings.count("size", 88, 1, 1 << 20),
          settings.flag("missing", false));
    }
  }
}
