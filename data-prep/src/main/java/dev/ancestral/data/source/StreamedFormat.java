package dev.ancestral.data.source;

import static java.nio.ByteOrder.LITTLE_ENDIAN;

import dev.ancestral.data.Example;
import dev.ancestral.data.Payload;
import dev.ancestral.data.Storage;
import dev.ancestral.model.EventSpec;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** A format whose files are read from beginning to end and hold whole numbers. */
public interface StreamedFormat extends Source {

  /**
   * The same format with absolute paths where its options name files: a relative one means the
   * driver's directory, not that of an executor.
   */
  default StreamedFormat located(Storage storage) {
    return this;
  }

  /** About how many bytes of a file one task reads at a time, where the file can be cut. */
  default long partBytes() {
    return 32L << 20;
  }

  /**
   * The stretches of a file that may be read apart; one where it cannot be entered midway.
   *
   * @param bytes about how many a part should have
   */
  default List<Part> parts(Storage storage, InputFile file, long bytes) {
    return List.of(Part.whole(file));
  }

  /**
   * Opens a stretch of a file.
   *
   * @param split name of the split asked for, or empty
   */
  Reader open(Storage storage, Part part, String split) throws IOException;

  /** Whether every value is to be remembered, with the place where it is first. */
  default boolean remembersValues() {
    return false;
  }

  /** What the examples are, once all were seen. */
  EventSpec event(Profile profile);

  /** What the parts of the input became, for the user; empty where the event says it all. */
  default String description(Profile profile) {
    return "";
  }

  /** What brings elements to their stored form. */
  default Function<int[], byte[]> encoder(EventSpec event) {
    int width = Payload.width(event);
    return values -> {
      ByteBuffer buffer = ByteBuffer.allocate(values.length * width).order(LITTLE_ENDIAN);
      for (int value : values) {
        if (event.isDiscrete()) {
          Payload.put(event, value, buffer);
        } else {
          buffer.putFloat(value == Payload.MISSING ? Float.NaN : value);
        }
      }
      return buffer.array();
    };
  }

  @Override
  default Survey survey(SourceContext context) {
    return StreamedSurvey.of(located(context.storage()), context);
  }

  /** Reads one example after another. */
  interface Reader extends Closeable {
    /**
     * The elements of the next example, {@link Payload#MISSING} for one that is missing, or null at
     * the end.
     *
     * @throws dev.ancestral.AncestralException (DATA) if the file is damaged here
     */
    int[] next() throws IOException;

    /** Shape of the examples (of a step of a sequence). */
    List<Integer> shape();

    /** Class of the example that was read last, if the format has one. */
    default int label() {
      return Example.NONE;
    }

    /** Steps of the example that was read last, where examples are sequences. */
    default int length() {
      return Example.NONE;
    }

    /** How many lines or files so far held nothing and are no examples. */
    default long empty() {
      return 0;
    }

    /** The spread of the real numbers so far, in formats of such. */
    default Optional<Spread<String>> spread() {
      return Optional.empty();
    }

    /** File and position of an element of the example that was read last. */
    String where(int element);
  }
}
