package dev.ancestral.data;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopCodecs;
import org.apache.parquet.io.InputFile;
import org.apache.parquet.io.SeekableInputStream;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.GroupType;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Type;

/**
 * Opens Parquet files that are not trusted. Parquet's reader allocates what a file claims: lists of
 * its footer, pieces of columns, unpacked pages. Here each claim is held against the bytes that are
 * there ({@link MemoryBound}) before the reader sees it.
 */
public final class BoundedParquet implements Closeable {
  // Length of the footer, and the mark behind it.
  private static final int TAIL = 8;

  private final ParquetFileReader reader;
  private final ParquetBudget budget;

  private BoundedParquet(ParquetFileReader reader, ParquetBudget budget) {
    this.reader = reader;
    this.budget = budget;
  }

  /**
   * Opens a file.
   *
   * @throws IOException if its footer claims what is not there
   */
  public static BoundedParquet open(InputFile file) throws IOException {
    requireFooter(file);
    ParquetBudget budget = new ParquetBudget(file.getLength());
    ParquetFileReader reader =
        ParquetFileReader.open(
            file,
            ParquetReadOptions.builder()
                .withCodecFactory(new BoundedCodecs(HadoopCodecs.newFactory(0), budget))
                .build());
    try {
      for (BlockMetaData group : reader.getRowGroups()) {
        requireThere(group, file.getLength());
      }
      return new BoundedParquet(reader, budget);
    } catch (IOException | RuntimeException e) {
      reader.close();
      throw e;
    }
  }

  /** What the footer says, and the choice of columns. */
  public ParquetFileReader reader() {
    return reader;
  }

  /** The next row group, or null at the end. */
  public PageReadStore next() throws IOException {
    PageReadStore group = reader.readNextRowGroup();
    return group == null ? null : new BoundedPages(group, budget);
  }

  /**
   * Readers of the columns of a row group.
   *
   * @param schema of the file, or the part of it that was chosen
   */
  public ColumnReadStoreImpl columns(PageReadStore group, MessageType schema) {
    return new ColumnReadStoreImpl(
        group, new Unconverted(schema), schema, reader.getFileMetaData().getCreatedBy());
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }

  private static void requireFooter(InputFile file) throws IOException {
    long length = file.getLength();
    if (length < TAIL) {
      return; // Parquet says so better.
    }
    try (SeekableInputStream in = file.newStream()) {
      in.seek(length - TAIL);
      byte[] tail = new byte[TAIL];
      in.readFully(tail);
      int footer = ByteBuffer.wrap(tail).order(ByteOrder.LITTLE_ENDIAN).getInt();
      if (footer < 0 || footer > length - TAIL) {
        return; // As above.
      }
      in.seek(length - TAIL - footer);
      byte[] content = new byte[footer];
      in.readFully(content);
      ThriftBound.requireSound(ByteBuffer.wrap(content));
    }
  }

  /** No piece of a column lies beyond the file, and together they are no more than it. */
  private static void requireThere(BlockMetaData group, long fileBytes) throws IOException {
    long total = 0;
    for (ColumnChunkMetaData chunk : group.getColumns()) {
      long from = chunk.getStartingPos();
      long bytes = chunk.getTotalSize();
      if (from < 0 || bytes < 0 || bytes > fileBytes || from > fileBytes - bytes) {
        throw new IOException(
            "column "
                + chunk.getPath().toDotString()
                + " claims "
                + bytes
                + " bytes from byte "
                + from
                + " on, the file has "
                + fileBytes);
      }
      total += bytes;
    }
    if (total > fileBytes) {
      throw new IOException(
          "the columns of a row group claim " + total + " bytes, the file has " + fileBytes);
    }
  }

  /**
   * Unpacks no more than there is room for.
   *
   * @param codecs that do the work
   * @param budget of the file
   */
  private record BoundedCodecs(CompressionCodecFactory codecs, ParquetBudget budget)
      implements CompressionCodecFactory {

    @Override
    public BytesInputCompressor getCompressor(CompressionCodecName name) {
      return codecs.getCompressor(name);
    }

    @Override
    public BytesInputDecompressor getDecompressor(CompressionCodecName name) {
      BytesInputDecompressor codec = codecs.getDecompressor(name);
      return new BytesInputDecompressor() {
        @Override
        public BytesInput decompress(BytesInput bytes, int uncompressedSize) throws IOException {
          budget.require(uncompressedSize);
          return codec.decompress(bytes, uncompressedSize);
        }

        @Override
        public void decompress(
            ByteBuffer input, int compressedSize, ByteBuffer output, int uncompressedSize)
            throws IOException {
          budget.require(uncompressedSize);
          codec.decompress(input, compressedSize, output, uncompressedSize);
        }

        @Override
        public void release() {
          codec.release();
        }
      };
    }

    @Override
    public void release() {
      codecs.release();
    }
  }

  /** Columns are read as they are; Parquet still wants to be told so. */
  private static final class Unconverted extends GroupConverter {
    private final GroupType group;

    Unconverted(GroupType group) {
      this.group = group;
    }

    @Override
    public Converter getConverter(int fieldIndex) {
      Type field = group.getType(fieldIndex);
      return field.isPrimitive()
          ? new PrimitiveConverter() {}
          : new Unconverted(field.asGroupType());
    }

    @Override
    public void start() {}

    @Override
    public void end() {}
  }
}
