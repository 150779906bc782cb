package dev.ancestral.data.source;

import dev.ancestral.AncestralException;
import dev.ancestral.data.Storage;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import org.apache.hadoop.fs.Path;

/** Reads a foreign file from beginning to end as the first pass of prepare does, without Spark. */
public final class ForeignFiles {
  private ForeignFiles() {}

  /**
   * Reads a file that holds many examples.
   *
   * @return the number of examples
   * @throws AncestralException (DATA) if it is damaged
   */
  public static long examples(Storage storage, Path path, Source source, String split) {
    StreamedFormat format = (StreamedFormat) source;
    InputFile file = file(storage, path);
    Profile profile = new Profile(format.remembersValues());
    for (Part part : format.parts(storage, file, format.partBytes())) {
      try (StreamedFormat.Reader reader = format.open(storage, part, split)) {
        for (int[] values = reader.next(); values != null; values = reader.next()) {
          profile.add(reader, values);
        }
      } catch (IOException e) {
        throw InputBytes.refusal(path, e);
      }
    }
    if (profile.examples() > 0) {
      format.event(profile);
    }
    return profile.examples();
  }

  /**
   * Reads a file that is one example.
   *
   * @return the number of bytes of its payload
   * @throws AncestralException (DATA) if it is damaged
   */
  public static long bytes(Storage storage, Path path, Source source) {
    FileFormat format = (FileFormat) source;
    InputFile file = file(storage, path);
    EventSpec event = format.event(storage, file);
    return format.read(storage, file, event, "itself").payload().length;
  }

  private static InputFile file(Storage storage, Path path) {
    return new InputFile(0, path.toUri().toString(), storage.status(path).getLen(), 0);
  }
}
