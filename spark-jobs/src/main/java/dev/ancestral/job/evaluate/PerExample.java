package dev.ancestral.job.evaluate;

import dev.ancestral.data.Storage;
import dev.ancestral.job.ParquetStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Types;

/**
 * The file {@code per-example.parquet}: id (int64) and nats (double), in the order of the split.
 */
public final class PerExample {
  /** Name of the file. */
  public static final String FILE = "per-example.parquet";

  private static final String ID = "id";
  private static final String NATS = "nats";
  private static final MessageType SCHEMA =
      Types.buildMessage()
          .required(PrimitiveTypeName.INT64)
          .named(ID)
          .required(PrimitiveTypeName.DOUBLE)
          .named(NATS)
          .named("example");

  private PerExample() {}

  /** Takes an example. */
  @FunctionalInterface
  public interface Row {
    void accept(long id, double nats) throws IOException;
  }

  /** Hands over examples one after the other. */
  @FunctionalInterface
  public interface Rows {
    void forEach(Row row) throws IOException;
  }

  /** Writes rows as they come; the same rows give the same bytes. */
  static void write(OutputStream out, Rows rows) throws IOException {
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new ParquetStream(out))
            .withType(SCHEMA)
            .withConf(new Configuration(false))
            .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
            // One encoding a column: with two, the footer lists them in an order of the JVM's
            // choice.
            .withWriterVersion(ParquetProperties.WriterVersion.PARQUET_2_0)
            .withDictionaryEncoding(false)
            .build()) {
      rows.forEach(
          (id, nats) -> {
            Group group = new SimpleGroup(SCHEMA);
            group.add(0, id);
            group.add(1, nats);
            writer.write(group);
          });
    }
  }

  /** Opens a file to be read row by row. */
  static Reader open(Storage storage, Path file) {
    return new Reader(storage, file);
  }

  /** A cursor over the rows of a file, which stands before the first one. */
  static final class Reader implements AutoCloseable {
    private final Path file;
    private final ParquetReader<Group> reader;
    private Group row;

    private Reader(Storage storage, Path file) {
      this.file = file;
      try {
        reader =
            ParquetReader.builder(new GroupReadSupport(), file)
                .withConf(storage.configuration())
                .build();
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + file, e);
      }
    }

    /** Goes on to the next row; false if there is none. */
    boolean next() {
      try {
        row = reader.read();
        return row != null;
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + file, e);
      }
    }

    long id() {
      return row.getLong(ID, 0);
    }

    double nats() {
      return row.getDouble(NATS, 0);
    }

    @Override
    public void close() {
      try {
        reader.close();
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + file, e);
      }
    }
  }
}
