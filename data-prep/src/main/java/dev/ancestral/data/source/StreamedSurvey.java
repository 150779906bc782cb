package dev.ancestral.data.source;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.function.Function;

/** Both passes over the files of a {@link StreamedFormat}. */
final class StreamedSurvey implements Source.Survey {
  private final StreamedFormat format;
  private final SourceContext context;
  private final Partitions<Part> parts;
  private final Profile total;
  private final EventSpec event;
  // Position of the first example of each partition.
  private final long[] positions;

  private StreamedSurvey(
      StreamedFormat format,
      SourceContext context,
      Partitions<Part> parts,
      List<Profile> profiles) {
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
      throw new AncestralException(
          ErrorCode.DATA, "the inputs of " + format + " hold no example; name others");
    }
    event = format.event(total);
  }

  static StreamedSurvey of(StreamedFormat format, SourceContext context) {
    Storage storage = context.storage();
    String split = context.split();
    Partitions<Part> parts = context.parts(format.partBytes(), format::parts);
    return new StreamedSurvey(
        format, context, parts, parts.collect((p, some) -> profile(format, storage, some, split)));
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
        profile.end(reader);
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
  public String description() {
    return format.description(total);
  }

  @Override
  public Source.Extraction extract(EventSpec encoding) {
    StreamedFormat theFormat = format;
    Storage storage = context.storage();
    String split = context.split();
    long[] first = positions;
    return new Source.Extraction(
        parts.map(
            (p, some) -> {
              Function<int[], byte[]> encoder = theFormat.encoder(encoding);
              return new PartExamples(
                  some,
                  part -> new Examples(theFormat.open(storage, part, split), encoder),
                  first[p]);
            }),
        Source.Decoder.NONE,
        encoding);
  }

  /** The examples of a part in their stored form. */
  private record Examples(StreamedFormat.Reader reader, Function<int[], byte[]> encoder)
      implements PartExamples.Reader {

    @Override
    public Source.RawExample next(long position) throws IOException {
      int[] values = reader.next();
      return values == null
          ? null
          : new Source.RawExample(position, encoder.apply(values), reader.label(), reader.length());
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }
  }
}
