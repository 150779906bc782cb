package dev.ancestral.data.source.array;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.data.MemoryBound;
import dev.ancestral.data.Payload;
import dev.ancestral.data.Storage;
import dev.ancestral.data.source.InputBytes;
import dev.ancestral.data.source.InputFile;
import dev.ancestral.data.source.LineParts;
import dev.ancestral.data.source.Part;
import dev.ancestral.data.source.Profile;
import dev.ancestral.data.source.Source;
import dev.ancestral.data.source.SourceProvider;
import dev.ancestral.data.source.StreamedFormat;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Whole numbers separated by commas, one example a line; plain or gzip. Blank lines are skipped. A
 * large plain file is read by several tasks at once.
 *
 * @param levels of an element; 0 for one more than the largest value, at least 2
 * @param missing whether an empty field or {@code ?} is a missing element
 */
public record Matrix(int levels, boolean missing) implements StreamedFormat {
  private static final long serialVersionUID = 1L;

  /** As many levels as the values need. */
  public Matrix() {
    this(0);
  }

  /** Without missing elements. */
  public Matrix(int levels) {
    this(levels, false);
  }

  @Override
  public List<Part> parts(Storage storage, InputFile file, long bytes) {
    return LineParts.of(storage, file, bytes);
  }

  @Override
  public Reader open(Storage storage, Part part, String split) throws IOException {
    return new Lines(storage, part, LineParts.open(storage, part), missing);
  }

  @Override
  public EventSpec event(Profile profile) {
    return EventSpec.discrete(profile.levels(levels), profile.shape().toArray(Integer[]::new))
        .withMissing(missing);
  }

  @Override
  public String toString() {
    return "matrix"
        + (levels > 0 ? " with " + levels + " levels" : "")
        + (missing ? ", elements may be missing" : "");
  }

  private static final class Lines implements Reader {
    private static final int LONGEST_LINE = 1 << 28;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final Storage storage;
    private final Part part;
    private final InputBytes bytes;
    private final boolean missing;
    private final long start;
    private byte[] text = new byte[1024];
    private int size;
    private int[] values = new int[64];
    private int columns = -1;
    // Lines of this part so far, counting the present one.
    private long lines;

    Lines(Storage storage, Part part, InputBytes bytes, boolean missing) {
      this.storage = storage;
      this.part = part;
      this.bytes = bytes;
      this.missing = missing;
      start = bytes.offset();
    }

    @Override
    public int[] next() throws IOException {
      while (bytes.offset() < part.to() && readLine()) {
        int count = parse();
        if (count > 0) {
          return checked(count);
        }
      }
      return null;
    }

    private boolean readLine() throws IOException {
      size = 0;
      int next = bytes.read();
      if (next < 0) {
        return false;
      }
      lines++;
      for (; next >= 0 && next != '\n'; next = bytes.read()) {
        if (size == text.length) {
          if (size >= Math.min(LONGEST_LINE, MemoryBound.elements(part.file().length()))) {
            throw new AncestralException(
                ErrorCode.DATA, place() + " does not end; name files of numbers in lines");
          }
          text = Arrays.copyOf(text, 2 * size);
        }
        text[size++] = (byte) next;
      }
      return true;
    }

    /** The number of columns of the present line; 0 for a blank one. */
    private int parse() throws IOException {
      int from = start == 0 && lines == 1 && beginsWithMark() ? BYTE_ORDER_MARK.length : 0;
      int first = from;
      while (first < size && isSpace(text[first])) {
        first++;
      }
      if (first == size) {
        return 0;
      }
      int count = 0;
      while (from <= size) {
        int to = from;
        while (to < size && text[to] != ',') {
          to++;
        }
        if (count == values.length) {
          values = Arrays.copyOf(values, 2 * count);
        }
        values[count] = value(from, to, count + 1);
        count++;
        from = to + 1;
      }
      return count;
    }

    private boolean beginsWithMark() {
      int length = BYTE_ORDER_MARK.length;
      return size >= length && Arrays.equals(text, 0, length, BYTE_ORDER_MARK, 0, length);
    }

    private static boolean isSpace(byte character) {
      return character == ' ' || character == '\t' || character == '\r';
    }

    private int value(int from, int to, int column) throws IOException {
      int begin = from;
      int end = to;
      while (begin < end && isSpace(text[begin])) {
        begin++;
      }
      while (begin < end && isSpace(text[end - 1])) {
        end--;
      }
      boolean none = begin == end || (end - begin == 1 && text[begin] == '?');
      if (missing && none) {
        return Payload.MISSING;
      }
      int value = 0;
      for (int i = begin; i < end; i++) {
        int digit = text[i] - '0';
        if (digit < 0 || digit > 9 || value * 10L + digit >= Payload.MOST_LEVELS) {
          throw wrong(begin, end, column);
        }
        value = value * 10 + digit;
      }
      if (begin == end) {
        throw wrong(begin, end, column);
      }
      return value;
    }

    private AncestralException wrong(int begin, int end, int column) throws IOException {
      String value = new String(text, begin, Math.min(end - begin, 40), StandardCharsets.UTF_8);
      return new AncestralException(
          ErrorCode.DATA,
          place()
              + " column "
              + column
              + " is '"
              + value
              + "'; it must be a whole number from 0 to "
              + (Payload.MOST_LEVELS - 1)
              + (missing ? ", empty or ?" : begin == end ? " (or allow 'missing')" : ""));
    }

    private int[] checked(int count) throws IOException {
      if (columns < 0) {
        columns = count;
      } else if (count != columns) {
        throw new AncestralException(
            ErrorCode.DATA,
            place()
                + " has "
                + count
                + " columns, the line before it "
                + columns
                + "; all lines must have as many: mend or remove it");
      }
      return Arrays.copyOf(values, count);
    }

    /** The line within the file; the lines before a part are counted only now that it matters. */
    private String place() throws IOException {
      return bytes.path() + " line " + LineParts.line(storage, part, start, lines);
    }

    @Override
    public List<Integer> shape() {
      return List.of(columns);
    }

    @Override
    public String where(int element) {
      return bytes.path()
          + (start == 0 ? "" : " after byte " + start)
          + " line "
          + lines
          + " column "
          + (element + 1);
    }

    @Override
    public void close() throws IOException {
      bytes.close();
    }
  }

  /** The format by its name. */
  public static final class Provider implements SourceProvider {
    @Override
    public String name() {
      return "matrix";
    }

    @Override
    public Source read(Settings settings) {
      return new Matrix(
          settings.count("levels", 0, 0, Payload.MOST_LEVELS), settings.flag("missing", false));
    }
  }
}
