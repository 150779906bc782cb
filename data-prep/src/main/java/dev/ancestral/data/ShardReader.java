package dev.ancestral.data;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType;
import org.apache.parquet.schema.Type;

/** Reads the columns of a shard that lies in memory as a whole. */
final class ShardReader {
  /** Bytes of memory that an example takes beside its payload, about. */
  static final long ROW_BYTES = 16;

  private final MessageType schema;
  private final EventSpec event;
  private final String where;
  private final long[] ids;
  private final int[] labels;
  private final int[] lengths;
  private final List<byte[]> payloads = new ArrayList<>();
  // Bytes of payload that there is still room for.
  private long room;

  private ShardReader(MessageType schema, EventSpec event, int rows, long room, String where) {
    this.schema = schema;
    this.room = room;
    this.where = where;
    this.event = event;
    ids = new long[rows];
    labels = event.hasLabels() ? new int[rows] : null;
    lengths = event.variableLength() ? new int[rows] : null;
  }

  /**
   * @param entry what the manifest says of it
   * @throws AncestralException (DATA) if it is no Parquet file of such examples, has other examples
   *     than the manifest says, or an element or label that the event does not have
   */
  static Shard read(byte[] content, EventSpec event, ShardEntry entry, String where) {
    try (BoundedParquet parquet = BoundedParquet.open(new BytesFile(content))) {
      ParquetFileReader file = parquet.reader();
      MessageType schema = file.getFileMetaData().getSchema();
      MessageType expected = ExampleWriteSupport.schema(event);
      if (!sameColumns(schema, expected)) {
        throw new AncestralException(
            ErrorCode.DATA,
            where
                + " has columns "
                + schema.getFields()
                + "; examples of "
                + event.describe()
                + " have "
                + expected.getFields());
      }
      if (file.getRecordCount() != entry.examples()) {
        throw Shard.changed(
            where, "number of examples", "" + entry.examples(), "" + file.getRecordCount());
      }
      requireRoom(event, entry.examples(), content.length);
      ShardReader reader =
          new ShardReader(schema, event, entry.examples(), MemoryBound.of(content.length), where);
      int row = 0;
      for (PageReadStore group = parquet.next(); group != null; group = parquet.next()) {
        reader.rowGroup(group, parquet.columns(group, schema), row);
        row += Math.toIntExact(group.getRowCount());
      }
      reader.checkIds(entry, where);
      return reader.shard(where);
    } catch (AncestralException refusal) {
      throw refusal;
    } catch (IOException | RuntimeException | StackOverflowError e) {
      // Parquet throws all kinds at a damaged file, also at a schema of too many levels.
      throw new AncestralException(
          ErrorCode.DATA,
          where + " is no Parquet file of examples: " + e.getMessage() + "; make the shard again",
          e);
    }
  }

  /** No memory is given to examples before the length of the file justifies it. */
  private static void requireRoom(EventSpec event, int examples, int bytes) {
    long each = ROW_BYTES + (event.variableLength() ? 0L : Payload.stepBytes(event));
    if (examples > MemoryBound.of(bytes) / each) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "its %,d examples take %,d bytes, but at most %,d can be justified by a file of its"
                  + " length",
              examples,
              examples * each,
              MemoryBound.of(bytes)));
    }
  }

  /**
   * Whether a file has the columns of examples: their names and what is stored, in any order. Other
   * writers name the root otherwise, number the columns, and let values be absent, which is refused
   * where one is.
   */
  private static boolean sameColumns(MessageType schema, MessageType expected) {
    return schema.getFieldCount() == expected.getFieldCount()
        && expected.getFields().stream()
            .allMatch(
                field ->
                    schema.containsField(field.getName())
                        && isSame(schema.getType(field.getName()), field.asPrimitiveType()));
  }

  private static boolean isSame(Type type, PrimitiveType expected) {
    return type.isPrimitive()
        && !type.isRepetition(Type.Repetition.REPEATED)
        && type.asPrimitiveType().getPrimitiveTypeName() == expected.getPrimitiveTypeName();
  }

  private void rowGroup(PageReadStore pages, ColumnReadStoreImpl columns, int first) {
    int rows = Math.toIntExact(pages.getRowCount());
    Function<String, ColumnReader> column =
        name -> columns.getColumnReader(schema.getColumnDescription(new String[] {name}));
    ColumnReader id = column.apply(ExampleWriteSupport.ID);
    for (int i = 0; i < rows; i++, id.consume()) {
      requireValue(id, first + i);
      ids[first + i] = id.getLong();
    }
    payload(column.apply(ExampleWriteSupport.PAYLOAD), first, rows);
    if (labels != null) {
      integers(column.apply(ExampleWriteSupport.LABEL), labels, first, rows);
    }
    if (lengths != null) {
      integers(column.apply(ExampleWriteSupport.LENGTH), lengths, first, rows);
    }
  }

  private void requireValue(ColumnReader column, int row) {
    if (column.getCurrentDefinitionLevel() < column.getDescriptor().getMaxDefinitionLevel()) {
      throw new AncestralException(
          ErrorCode.DATA,
          where
              + ": row "
              + row
              + " has no '"
              + column.getDescriptor().getPath()[0]
              + "'; every example has one: make the shard again");
    }
  }

  private void payload(ColumnReader column, int first, int rows) {
    for (int i = 0; i < rows; i++, column.consume()) {
      requireValue(column, first + i);
      Binary value = column.getBinary();
      room -= value.length();
      if (room < 0) {
        throw new IllegalArgumentException("its payloads unpack to more than its length justifies");
      }
      payloads.add(value.getBytes());
    }
  }

  private void integers(ColumnReader column, int[] into, int first, int rows) {
    for (int i = 0; i < rows; i++, column.consume()) {
      requireValue(column, first + i);
      into[first + i] = column.getInteger();
    }
  }

  private void checkIds(ShardEntry entry, String where) {
    for (int row = 0; row < ids.length; row++) {
      long least = row == 0 ? entry.firstId() : ids[row - 1] + 1;
      if (ids[row] < least || ids[row] > entry.lastId()) {
        throw new AncestralException(
            ErrorCode.DATA,
            where
                + ": row "
                + row
                + " has id "
                + ids[row]
                + "; ids must ascend from "
                + entry.firstId()
                + " to "
                + entry.lastId()
                + ", as the manifest says: make the shard again");
      }
    }
  }

  /** Numbers that the event does not have would be scored like any other. */
  private void checkValues(byte[] bytes, int row, String where) {
    if (labels != null && (labels[row] < 0 || labels[row] >= event.classes())) {
      throw unfit(row, "label " + labels[row], where);
    }
    if (event.isDiscrete() && Payload.width(event) == 1) {
      for (byte level : bytes) {
        if ((level & 0xFF) >= event.levels() && !isMissing(level)) {
          throw unfit(row, "the element " + (level & 0xFF), where);
        }
      }
      return;
    }
    ByteBuffer elements = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    while (elements.hasRemaining()) {
      int bits = elements.getInt();
      boolean fits =
          event.isDiscrete()
              ? (bits >= 0 && bits < event.levels()) || isMissing(bits)
              // NaN stands for a missing value; an infinite one stands for nothing.
              : !Float.isInfinite(Float.intBitsToFloat(bits));
      if (!fits) {
        throw unfit(
            row,
            "the element " + (event.isDiscrete() ? "" + bits : "" + Float.intBitsToFloat(bits)),
            where);
      }
    }
  }

  private boolean isMissing(int stored) {
    return event.missing() && stored == Payload.MISSING;
  }

  private AncestralException unfit(int row, String what, String where) {
    return new AncestralException(
        ErrorCode.DATA,
        where
            + ": example "
            + ids[row]
            + " has "
            + what
            + ", which "
            + event.describe()
            + " do not have; make the shard again");
  }

  private Shard shard(String where) {
    long total = payloads.stream().mapToLong(bytes -> bytes.length).sum();
    byte[] all = new byte[Math.toIntExact(total)];
    int at = 0;
    for (int row = 0; row < ids.length; row++) {
      byte[] bytes = payloads.get(row);
      long expected = (long) Payload.stepBytes(event) * (lengths == null ? 1 : lengths[row]);
      if (bytes.length != expected) {
        throw new AncestralException(
            ErrorCode.DATA,
            where
                + ": example "
                + ids[row]
                + " has "
                + bytes.length
                + " bytes; "
                + event.describe()
                + " takes "
                + expected);
      }
      checkValues(bytes, row, where);
      System.arraycopy(bytes, 0, all, at, bytes.length);
      at += bytes.length;
    }
    return new Shard(event, ids, all, labels, lengths);
  }

  private record BytesFile(byte[] content) implements InputFile {
    @Override
    public long getLength() {
      return content.length;
    }

    @Override
    public SeekableInputStream newStream() {
      return new BytesStream(content);
    }

    /** For Parquet's messages. */
    @Override
    public String toString() {
      return "this";
    }
  }

  private static final class BytesStream extends SeekableInputStream {
    private final byte[] content;
    private int position;

    BytesStream(byte[] content) {
      this.content = content;
    }

    @Override
    public long getPos() {
      return position;
    }

    @Override
    public void seek(long newPosition) {
      position = Math.toIntExact(newPosition);
    }

    @Override
    public int read() {
      return position < content.length ? content[position++] & 0xFF : -1;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      int count = Math.min(length, content.length - position);
      if (count <= 0) {
        return length == 0 ? 0 : -1;
      }
      System.arraycopy(content, position, into, offset, count);
      position += count;
      return count;
    }

    @Override
    public int read(ByteBuffer into) {
      int count = Math.min(into.remaining(), content.length - position);
      if (count <= 0) {
        return into.hasRemaining() ? -1 : 0;
      }
      into.put(content, position, count);
      position += count;
      return count;
    }

    @Override
    public void readFully(byte[] into) throws IOException {
      readFully(into, 0, into.length);
    }

    @Override
    public void readFully(byte[] into, int offset, int length) throws IOException {
      if (length > content.length - position) {
        throw ended(length);
      }
      System.arraycopy(content, position, into, offset, length);
      position += length;
    }

    @Override
    public void readFully(ByteBuffer into) throws IOException {
      if (into.remaining() > content.length - position) {
        throw ended(into.remaining());
      }
      int count = into.remaining();
      into.put(content, position, count);
      position += count;
    }

    private IOException ended(int length) {
      return new IOException(
          "ends at byte " + content.length + "; " + length + " more were to follow " + position);
    }
  }
}
