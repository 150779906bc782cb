package dev.ancestral.job.evaluate;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.BoundedParquet;
import dev.ancestral.data.ParquetStream;
import dev.ancestral.data.Storage;
import dev.ancestral.estimator.Diagnostic;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.column.impl.ColumnReadStoreImpl;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.example.ExampleParquetWriter;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.hadoop.util.HadoopInputFile;
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
    private final BoundedParquet parquet;
    private final MessageType schema;
    private final Map<String, ColumnReader> columns = new HashMap<>();
    // Rows of the present row group, counting the present one.
    private long left;

    private Reader(Storage storage, Path file) {
      this.file = file;
      try {
        parquet = BoundedParquet.open(HadoopInputFile.fromPath(file, storage.configuration()));
        schema = parquet.reader().getFileMetaData().getSchema();
        if (!schema.containsField(ID) || !schema.containsField(NATS)) {
          throw new IOException("it has columns " + schema.getFields());
        }
      } catch (IOException | RuntimeException e) {
        throw unreadable(e);
      }
    }

    /** Parquet throws all kinds at a damaged file. */
    private AncestralException unreadable(Exception e) {
      return new AncestralException(
          ErrorCode.DATA,
          file + " cannot be read as scores of examples: " + e.getMessage() + "; evaluate again",
          e);
    }

    /** Goes on to the next row; false if there is none. */
    public boolean next() {
      try {
        if (left > 0) {
          left--;
          columns.values().forEach(ColumnReader::consume);
        }
        while (left == 0) {
          PageReadStore group = parquet.next();
          if (group == null) {
            return false;
          }
          left = group.getRowCount();
          begin(group);
        }
        return true;
      } catch (IOException | RuntimeException e) {
        throw unreadable(e);
      }
    }

    private void begin(PageReadStore group) {
      ColumnReadStoreImpl store = parquet.columns(group, schema);
      for (ColumnDescriptor column : schema.getColumns()) {
        columns.put(column.getPath()[0], store.getColumnReader(column));
      }
    }

    /** Of the example. */
    public long id() {
      return columns.get(ID).getLong();
    }

    /** What it was scored. */
    public double nats() {
      return columns.get(NATS).getDouble();
    }

    /** What the estimator told; NaN where it was undefined. */
    public double told(Diagnostic column) {
      ColumnReader reader = columns.get(column.text());
      return reader.getCurrentDefinitionLevel() < reader.getDescriptor().getMaxDefinitionLevel()
          ? Double.NaN
          : reader.getDouble();
    }

    @Override
    public void close() {
      try {
        parquet.close();
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read " + file, e);
      }
    }
  }
}
