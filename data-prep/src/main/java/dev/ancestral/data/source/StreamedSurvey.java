package dev.ancestral.data.source;

import dev.ancestral.Refusal;
import dev.ancestral.data.Storage;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.util.TaskCompletionListener;

/** Both passes over the files of a {@link StreamedFormat}. */
final class StreamedSurvey implements Source.Survey {
  private final StreamedFormat format;
  private final SourceContext context;
  private final JavaRDD<Part> parts;
  private final Profile total;
  private final EventSpec event;
  // Position of the first example of each partition.
  private final long[] positions;

  private StreamedSurvey(
      StreamedFormat format, SourceContext context, JavaRDD<Part> parts, List<Profile> profiles) {
    this.format = format;
    this.context = context;
    this.parts = parts;
    total = profiles.get(0);
    positions = new long[profiles.size()];
    for (int p = 1; p < positions.length; p++) {
      positions[p] = total.examples();
      total.merge(profiles.get(p));
    }
    if (total.examples() == 0) {
      throw new Refusal(
          Refusal.Kind.DATA, "the inputs of " + format + " hold no example; name others");
    }
    event = format.event(total);
  }

  static StreamedSurvey of(StreamedFormat format, SourceContext context) {
    Storage storage = context.storage();
    String split = context.split();
    JavaRDD<Part> found = context.files().flatMap(file -> format.parts(storage, file).iterator());
    JavaRDD<Part> parts = InputFiles.inOrder(found, Part::sortKey, found.count());
    List<byte[]> outcomes =
        parts
            .mapPartitions(
                some -> List.of(Outcome.of(() -> profile(format, storage, some, split))).iterator())
            .collect();
    return new StreamedSurvey(format, context, parts, Outcome.values(outcomes, Profile.class));
  }

  private static Profile profile(
      StreamedFormat format, Storage storage, Iterator<Part> parts, String split) {
    Profile profile = new Profile(format.remembersValues());
    while (parts.hasNext()) {
      Part part = parts.next();
      try (StreamedFormat.Reader reader = format.open(storage, part, split)) {
        for (int[] values = reader.next(); values != null; values = reader.next()) {
          profile.add(reader, values);
        }
      } catch (IOException e) {
        throw InputBytes.refusal(part.file().path(), e);
      }
    }
    return profile;
  }

  @Override
  public long examples() {
    return total.examples();
  }

  @Override
  public EventSpec event() {
    return event;
  }

  @Override
  public String largestAt() {
    return total.largestAt();
  }

  @Override
  public String characterAt(String character) {
    return total.distinct().getOrDefault(character.codePointAt(0), "");
  }

  @Override
  public Source.Extraction extract(EventSpec encoding) {
    StreamedFormat theFormat = format;
    Storage storage = context.storage();
    String split = context.split();
    long[] first = positions;
    return new Source.Extraction(
        parts.mapPartitionsWithIndex(
            (p, some) -> new Examples(theFormat, storage, some, split, encoding, first[p]), false),
        Source.Decoder.NONE,
        encoding);
  }

  /** The examples of some parts, one after another. */
  private static final class Examples implements Iterator<Source.RawExample> {
    private final StreamedFormat format;
    private final Storage storage;
    private final Iterator<Part> parts;
    private final String split;
    private final Function<int[], byte[]> encoder;
    private long position;
    private Part part;
    private StreamedFormat.Reader reader;
    private Source.RawExample next;

    Examples(
        StreamedFormat format,
        Storage storage,
        Iterator<Part> parts,
        String split,
        EventSpec encoding,
        long position) {
      this.format = format;
      this.storage = storage;
      this.parts = parts;
      this.split = split;
      encoder = format.encoder(encoding);
      this.position = position;
      TaskContext.get().addTaskCompletionListener((TaskCompletionListener) task -> close());
      advance();
    }

    private void advance() {
      next = null;
      try {
        while (next == null && (reader != null || parts.hasNext())) {
          if (reader == null) {
            part = parts.next();
            reader = format.open(storage, part, split);
          }
          int[] values = reader.next();
          if (values == null) {
            close();
          } else {
            next =
                new Source.RawExample(
                    position++, encoder.apply(values), reader.label(), reader.length());
          }
        }
      } catch (IOException e) {
        throw InputBytes.refusal(part.file().path(), e);
      }
    }

    private void close() {
      try {
        if (reader != null) {
          reader.close();
        }
        reader = null;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public boolean hasNext() {
      return next != null;
    }

    @Override
    public Source.RawExample next() {
      if (next == null) {
        throw new NoSuchElementException();
      }
      Source.RawExample current = next;
      advance();
      return current;
    }
  }
}
