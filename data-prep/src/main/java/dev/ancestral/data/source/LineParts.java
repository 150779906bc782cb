package dev.ancestral.data.source;

import dev.ancestral.data.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Files that hold an example a line, read by several tasks at once: a part has the lines that begin
 * in its range of bytes.
 */
public final class LineParts {
  private LineParts() {}

  /**
   * The parts of a file; one of a file that is compressed, which cannot be entered midway.
   *
   * @param bytes about how many a part should have
   */
  public static List<Part> of(Storage storage, InputFile file, long bytes) {
    if (file.length() <= bytes || InputBytes.isCompressed(storage, file.path())) {
      return List.of(Part.whole(file));
    }
    List<Part> parts = new ArrayList<>();
    for (long from = 0; from < file.length(); from += bytes) {
      boolean last = from + bytes >= file.length();
      parts.add(new Part(file, from, last ? Long.MAX_VALUE : from + bytes));
    }
    return parts;
  }

  /** The bytes of a part from its first line on; a line that begins in the part is its own. */
  public static InputBytes open(Storage storage, Part part) throws IOException {
    if (part.from() == 0) {
      return InputBytes.open(storage, part.file().path());
    }
    InputBytes bytes = InputBytes.openAt(storage, part.file().path(), part.from() - 1);
    // The line that the range begins within belongs to the part before.
    int skipped = bytes.read();
    while (skipped >= 0 && skipped != '\n') {
      skipped = bytes.read();
    }
    return bytes;
  }

  /**
   * Which line of its file a line of a part is; what is before the part is counted only now.
   *
   * @param start offset of the first line of the part
   * @param line of the part, from 1
   */
  public static long line(Storage storage, Part part, long start, long line) throws IOException {
    long before = 0;
    if (start > 0) {
      try (InputBytes earlier = InputBytes.openAt(storage, part.file().path(), 0)) {
        while (earlier.offset() < start) {
          before += earlier.read() == '\n' ? 1 : 0;
        }
      }
    }
    return before + line;
  }
}
