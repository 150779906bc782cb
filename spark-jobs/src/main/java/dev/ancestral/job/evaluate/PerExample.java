package dev.ancestral.job.evaluate;

import dev.ancestral.data.ParquetStream;
import dev.ancestral.data.Storage;
import dev.ancestral.estimator.Diagnostic;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.List;
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
 * The file {@code per-example.parquet}: id (int64), nats (double) and what the estimator tells of
 * each example (doubles, null where one is undefined), in the order of the split.
 */
public final class PerExample {
  /** Name of the file. */
  public static final String FILE = "per-example.parquet";

  private static final String ID = "id";
  private static final String NATS = "nats";

  private PerExample() {}

  /** Takes an example. */
  @FunctionalInterface
  public interface Row {
    /**
     * Takes its scores.
     *
     * @param told by the estimator, in the order of the columns; NaN where undefined
     */
    void accept(long id, double nats, double... told) throws IOException;
  }

  /** Hands over examples one after the other. */
  @FunctionalInterface
  public interface Rows {
    void forEach(Row row) throws IOException;
  }

  /**
   * Writes rows as they come; the same rows give the same bytes.
   *
   * @param told names of the columns besides
   */
  static void write(OutputStream out, List<Diagnostic> told, Rows rows) throws IOException {
    MessageType schema = schema(told);
    try (ParquetWriter<Group> writer =
        ExampleParquetWriter.builder(new ParquetStream(out))
            .withType(schema)
            .withConf(new Configuration(false))
            .withCompressionCodec(CompressionCodecName.UNCOMPRESSED)
            // One encoding a column: with two, the footer lists them in an order of the JVM's
            // choice.
            .withWriterVersion(ParquetProperties.WriterVersion.PARQUET_2_0)
            .withDictionaryEncoding(false)
            .build()) {
      rows.forEach(
          (id, nats, values) -> {
            Group group = new SimpleGroup(schema);
            group.add(ID, id);
            group.add(NATS, nats);
            for (int i = 0; i < values.length; i++) {
              if (!Double.isNaN(values[i])) {
                group.add(told.get(i).text(), values[i]);
              }
            }
            writer.write(group);
          });
    }
  }

  private static MessageType schema(List<Diagnostic> told) {
    Types.MessageTypeBuilder schema = Types.buildMessage();
    schema.addField(Types.required(PrimitiveTypeName.INT64).named(ID));
    schema.addField(Types.required(PrimitiveTypeName.DOUBLE).named(NATS));
    for (Diagnostic column : told) {
      schema.addField(Types.optional(PrimitiveTypeName.DOUBLE).named(column.text()));
    }
    return schema.named("example");
  }

  /** Opens a file to be read row by row. */
  public static Reader open(Storage storage, Path file) {
    return new Reader(storage, file);
  }

  /** A cursor over the rows of a file, which stands before the first one. */
  public static final class Reader implements AutoCloseable {
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
    public boolean next() {
      try {
        row = reader.read();
        return row != null;
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + file, e);
      }
    }

    /** Of the example. */
    public long id() {
      return row.getLong(ID, 0);
    }

    /** What it was scored. */
    public double nats() {
      return row.getDouble(NATS, 0);
    }

    /** What the estimator told; NaN where it was undefined. */
    public double told(Diagnostic column) {
      return row.getFieldRepetitionCount(column.text()) == 0
          ? Double.NaN
          : row.getDouble(column.text(), 0);
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
