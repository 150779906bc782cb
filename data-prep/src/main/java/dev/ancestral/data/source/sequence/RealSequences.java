package dev.ancestral.data.source.sequence;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import com.fasterxml.jackson.core.JsonToken;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import dev.ancestral.data.source.Part;
import dev.ancestral.data.source.Profile;
import dev.ancestral.data.source.SourceContext;
import dev.ancestral.data.source.Spread;
import dev.ancestral.data.source.StreamedFormat;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Sequences of real numbers in JSON, {@code {"train": [[[0.5, 1.25], [0.75, 1]], ...], "valid":
 * ..., "test": ...}}; plain or gzip. A step is a list of as many numbers, or one number alone.
 * Where elements may be missing, {@code null} in the place of a number or of a step is missing.
 *
 * <p>The file names its splits: only the one asked for is read. Numbers become the nearest float32;
 * those that the spread of their element cannot bear are refused ({@link Spread}).
 *
 * @param size numbers of a step
 * @param missing whether elements may be missing
 */
public record RealSequences(int size, boolean missing) implements StreamedFormat {
  private static final long serialVersionUID = 1L;

  public RealSequences {
    if (size < 1) {
      throw new AncestralException(
          ErrorCode.SPEC, "size is " + size + "; a step has at least 1 element");
    }
  }

  @Override
  public Survey survey(SourceContext context) {
    JsonSteps.requireSplit(context);
    return StreamedFormat.super.survey(context);
  }

  @Override
  public Reader open(Storage storage, Part part, String split) throws IOException {
    return JsonSteps.entered(new Numbers(storage, part, this), split);
  }

  @Override
  public EventSpec event(Profile profile) {
    profile
        .spread()
        .ifPresent(
            spread ->
                spread.requireKept("element", (element, at) -> at + ": element " + element, ""));
    return new EventSpec(List.of(size), new EventSpec.Continuous(), true, 0, List.of(), 0, missing);
  }

  /** Elements come as the bits of their float32. */
  @Override
  public Function<int[], byte[]> encoder(EventSpec event) {
    return bits -> {
      ByteBuffer buffer = ByteBuffer.allocate(bits.length * Float.BYTES).order(LITTLE_ENDIAN);
      buffer.asIntBuffer().put(bits);
      return buffer.array();
    };
  }

  @Override
  public String toString() {
    return "sequences of "
        + size
        + " real numbers a step"
        + (missing ? ", some of them missing" : "");
  }

  private static final class Numbers extends JsonSteps {
    private static final int NONE = Float.floatToIntBits(Float.NaN);

    private final int size;
    private final boolean missing;
    private final Spread<String> spread;

    Numbers(Storage storage, Part part, RealSequences sequences) throws IOException {
      super(storage, part, sequences.size());
      size = sequences.size();
      missing = sequences.missing();
      spread = new Spread<>(size);
    }

    @Override
    public Optional<Spread<String>> spread() {
      return Optional.of(spread);
    }

    @Override
    void step(JsonToken before, int[] values, int at) throws IOException {
      if (missing && before == JsonToken.VALUE_NULL) {
        Arrays.fill(values, at, at + size, NONE);
        return;
      }
      if (size == 1 && before.isNumeric()) {
        values[at] = bits(0, at);
        return;
      }
      expect(before, JsonToken.START_ARRAY, "a step (a list of " + size + " numbers)");
      for (int e = 0; e < size; e++) {
        JsonToken token = token();
        if (missing && token == JsonToken.VALUE_NULL) {
          values[at + e] = NONE;
        } else if (token.isNumeric()) {
          values[at + e] = bits(e, at + e);
        } else {
          throw wrong(text(), "number " + (e + 1) + " of the " + size + " of a step");
        }
      }
      expect(token(), JsonToken.END_ARRAY, "the end of a step, which has " + size + " numbers");
    }

    private int bits(int element, int at) throws IOException {
      double value = json().getDoubleValue();
      if (!Float.isFinite((float) value)) {
        throw wrong(text(), "a number that float32 holds, up to " + Float.MAX_VALUE);
      }
      if (spread.add(element, value)) {
        spread.at(element, where(at));
      }
      return Float.floatToIntBits((float) value);
    }
  }
}
