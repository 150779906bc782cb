package dev.ancestral.data;

import dev.ancestral.Refusal;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import org.apache.parquet.ParquetRuntimeException;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.MessageType;

/** Reads the columns of a shard that lies in memory as a whole. */
final class ShardReader {
  private final MessageType schema;
  private final EventSpec event;
  private final long[] ids;
  private final int[] labels;
  private final int[] lengths;
  private final List<byte[]> payloads = new ArrayList<>();

  private ShardReader(MessageType schema, EventSpec event, int rows) {
    this.schema = schema;
    this.event = event;
    ids = new long[rows];
    labels = event.hasLabels() ? new int[rows] : null;
    lengths = event.variableLength() ? new int[rows] : null;
  }

  /**
   * @throws Refusal (DATA) if it is no Parquet file of such examples
   */
  static Shard read(byte[] content, EventSpec event, String where) {
    try (ParquetFileReader file = ParquetFileReader.open(new BytesFile(content))) {
      MessageType schema = file.getFileMetaData().getSchema();
      MessageType expected = ExampleWriteSupport.schema(event);
      if (!schema.equals(expected)) {
        throw new Refusal(
            Refusal.Kind.DATA,
            where
                + " has columns "
                + schema.getFields()
                + "; examples of "
                + event.describe()
                + " have "
                + expected.getFields());
      }
      ShardReader reader = new ShardReader(schema, event, Math.toIntExact(file.getRecordCount()));
      String createdBy = file.getFileMetaData().getCreatedBy();
      int row = 0;
      for (PageReadStore group = file.readNextRowGroup();
          group != null;
          group = file.readNextRowGroup()) {
        reader.rowGroup(group, createdBy, row);
        row += Math.toIntExact(group.getRowCount());
      }
      return reader.shard(where);
    } catch (IOException | ParquetRuntimeException e) {
      throw new Refusal(
          Refusal.Kind.DATA, where + " is no Parquet file of examples: " + e.getMessage(), e);
    }
  }

  private void rowGroup(PageReadStore pages, String createdBy, int first) {
    int rows = Math.toIntExact(pages.getRowCount());
    ColumnReadStoreImpl columns =
        new ColumnReadStoreImpl(pages, new Unconverted(schema), schema, createdBy);
    IntFunction<ColumnReader> column = i -> columns.getColumnReader(schema.getColumns().get(i));
    int next = 0;
    ColumnReader id = column.apply(next++);
    for (int i = 0; i < rows; i++, id.consume()) {
      ids[first + i] = id.getLong();
    }
    payload(column.apply(next++), rows);
    if (labels != null) {
      integers(column.apply(next++), labels, first, rows);
    }
    if (lengths != null) {
      integers(column.apply(next), lengths, first, rows);
    }
  }

  private void payload(ColumnReader column, int rows) {
    for (int i = 0; i < rows; i++, column.consume()) {
      Binary value = column.getBinary();
      payloads.add(value.getBytes());
    }
  }

  private static void integers(ColumnReader column, int[] into, int first, int rows) {
    for (int i = 0; i < rows; i++, column.consume()) {
      into[first + i] = column.getInteger();
    }
  }

  private Shard shard(String where) {
    long total = payloads.stream().mapToLong(bytes -> bytes.length).sum();
    byte[] all = new byte[Math.toIntExact(total)];
    int at = 0;
    for (int row = 0; row < ids.length; row++) {
      byte[] bytes = payloads.get(row);
      long expected = (long) Payload.stepBytes(event) * (lengths == null ? 1 : lengths[row]);
      if (bytes.length != expected) {
        throw new Refusal(
            Refusal.Kind.DATA,
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
      System.arraycopy(bytes, 0, all, at, bytes.length);
      at += bytes.length;
    }
    return new Shard(event, ids, all, labels, lengths);
  }

  /** Columns are read as they are; Parquet still wants to be told so. */
  private static final class Unconverted extends GroupConverter {
    private final MessageType schema;

    Unconverted(MessageType schema) {
      this.schema = schema;
    }

    @Override
    public Converter getConverter(int fieldIndex) {
      if (fieldIndex >= schema.getFieldCount()) {
        throw new IndexOutOfBoundsException(fieldIndex);
      }
      return new PrimitiveConverter() {};
    }

    @Override
    public void start() {}

    @Override
    public void end() {}
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
