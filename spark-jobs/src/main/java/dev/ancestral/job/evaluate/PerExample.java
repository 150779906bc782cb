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
            .withWriterVersion(ParquetProperties.WriterVersion.PARQUET_1_0)
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

  /** Reads a file row by row. */
  public static void read(Storage storage, Path file, Row row) {
    try (ParquetReader<Group> reader =
        ParquetReader.builder(new GroupReadSupport(), file)
            .withConf(storage.configuration())
            .build()) {
      for (Group group = reader.read(); group != null; group = reader.read()) {
        row.accept(group.getLong(ID, 0), group.getDouble(NATS, 0));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }
}
