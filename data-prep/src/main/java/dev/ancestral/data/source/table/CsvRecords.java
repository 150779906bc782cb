package dev.ancestral.data.source.table;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.ancestral.data.MemoryBound;
import dev.ancestral.data.source.InputBytes;
import java.io.Closeable;
import java.io.IOException;
import java.util.Arrays;
import org.apache.hadoop.fs.Path;

/** Cuts the bytes of a CSV file into records and fields. */
final class CsvRecords implements Closeable {
  private static final int LONGEST_RECORD = 1 << 28;
  // The comma behind a name takes a byte, which may be packed.
  private static final long COLUMNS_OF_ANY_FILE = 1 << 18;
  private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
  private static final int NOTHING_READ = -2;

  private final InputBytes bytes;
  private final int longest;
  private final long mostColumns;
  private long end;
  // The byte after the present one, where a carriage return made it necessary to look.
  private int ahead = NOTHING_READ;
  private byte[] text = new byte[1024];
  private int size;
  // Where each field ends in the text.
  private int[] ends = new int[64];
  private int fields;
  private boolean quoted;

  /** Where the reader of a field is. */
  private enum State {
    BEFORE,
    PLAIN,
    QUOTED,
    QUOTE_IN_QUOTED,
    AFTER
  }

  /**
   * @param fileBytes length of the file as it is stored
   * @param end no record that begins at this byte or later is read
   */
  CsvRecords(InputBytes bytes, long fileBytes, long end) {
    this.bytes = bytes;
    mostColumns = COLUMNS_OF_ANY_FILE + fileBytes;
    longest = Math.min(LONGEST_RECORD, MemoryBound.elements(fileBytes));
    this.end = end;
  }

  Path path() {
    return bytes.path();
  }

  /** No record that begins at this byte or later is read from now on. */
  void end(long newEnd) {
    end = newEnd;
  }

  /** The byte at which the next record begins, or blank lines before it. */
  long offset() {
    return bytes.offset() - (ahead >= 0 ? 1 : 0);
  }

  /**
   * Reads the next record that is not blank.
   *
   * @throws TableColumns.WrongRow if its quotes are wrong
   */
  boolean next() throws IOException, TableColumns.WrongRow {
    while (offset() < end && record()) {
      if (!isBlank()) {
        return true;
      }
    }
    return false;
  }

  /** Goes past the next record, blank or not. */
  boolean skip() throws IOException, TableColumns.WrongRow {
    return record();
  }

  /** A field of quotes alone is an empty field, not a blank line. */
  private boolean isBlank() {
    return fields == 1 && ends[0] == 0 && !quoted;
  }

  private int read() throws IOException {
    int next = ahead == NOTHING_READ ? bytes.read() : ahead;
    ahead = NOTHING_READ;
    return next;
  }

  private boolean record() throws IOException, TableColumns.WrongRow {
    boolean first = offset() == 0;
    size = 0;
    fields = 0;
    quoted = false;
    int next = read();
    if (next < 0) {
      return false;
    }
    State state = State.BEFORE;
    int begin = 0;
    for (; ; next = read()) {
      boolean ended = next < 0 || next == '\n' || next == '\r';
      if (state == State.QUOTED) {
        if (next < 0) {
          throw new TableColumns.WrongRow(
              "has a quote that is not closed before the file ends; close it, or get a whole copy");
        } else if (next == '"') {
          state = State.QUOTE_IN_QUOTED;
        } else {
          keep(next);
        }
        continue;
      }
      if (state == State.QUOTE_IN_QUOTED && next == '"') {
        keep(next);
        state = State.QUOTED;
        continue;
      }
      if (ended || next == ',') {
        endField(begin, state == State.PLAIN);
        if (ended) {
          break;
        }
        begin = size;
        state = State.BEFORE;
      } else if (state == State.QUOTE_IN_QUOTED || state == State.AFTER) {
        if (next != ' ' && next != '\t') {
          throw new TableColumns.WrongRow(
              "has text behind the closing quote of column "
                  + (fields + 1)
                  + "; double a quote within quotes, or remove it");
        }
        state = State.AFTER;
      } else if (state == State.BEFORE && next == '"') {
        state = State.QUOTED;
        quoted = true;
      } else if (state == State.PLAIN || (next != ' ' && next != '\t')) {
        keep(next);
        if (first && size == BYTE_ORDER_MARK.length && isMark()) {
          size = 0;
          state = State.BEFORE;
        } else {
          state = State.PLAIN;
        }
      }
    }
    if (next == '\r') {
      ahead = read();
      if (ahead == '\n') {
        ahead = NOTHING_READ;
      }
    }
    return true;
  }

  private boolean isMark() {
    return Arrays.equals(text, 0, size, BYTE_ORDER_MARK, 0, BYTE_ORDER_MARK.length);
  }

  private void keep(int next) throws TableColumns.WrongRow {
    if (size >= longest) {
      throw new TableColumns.WrongRow("has more than " + longest + " bytes; is a quote missing?");
    }
    if (size == text.length) {
      text = Arrays.copyOf(text, 2 * size);
    }
    text[size++] = (byte) next;
  }

  private void endField(int begin, boolean plain) throws TableColumns.WrongRow {
    if (fields >= longest) {
      throw new TableColumns.WrongRow("has more than " + longest + " fields; leave it out");
    }
    if (plain) {
      while (size > begin && (text[size - 1] == ' ' || text[size - 1] == '\t')) {
        size--;
      }
    }
    if (fields == ends.length) {
      ends = Arrays.copyOf(ends, 2 * fields);
    }
    ends[fields++] = size;
  }

  /**
   * Reads the names of the columns, as {@link #next} reads a record.
   *
   * @throws TableColumns.WrongRow if its quotes are wrong, or there are more than the file can hold
   */
  boolean header() throws IOException, TableColumns.WrongRow {
    boolean present = next();
    if (fields > mostColumns) {
      throw new TableColumns.WrongRow("has " + fields + " fields, more than " + mostColumns);
    }
    return present;
  }

  /** Number of fields of the present record. */
  int fields() {
    return fields;
  }

  /** A field of the present record, without its quotes and the white space around it. */
  String field(int index) {
    int begin = index == 0 ? 0 : ends[index - 1];
    return new String(text, begin, ends[index] - begin, UTF_8);
  }

  @Override
  public void close() throws IOException {
    bytes.close();
  }
}
