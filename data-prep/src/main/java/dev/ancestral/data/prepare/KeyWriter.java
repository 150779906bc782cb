package dev.ancestral.data.prepare;

import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.BINARY;
import static org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName.INT64;

import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.ParquetStream;
import dev.ancestral.data.Storage;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.Types;

/**
 * Writes the keys of the examples of a shard as Parquet: {@code id: int64} and {@code keys:
 * string}, a JSON object. The same keys give the same bytes.
 */
final class KeyWriter {
  private static final String ID = "id";
  private static final String KEYS = "keys";
  private static final MessageType SCHEMA =
      Types.buildMessage()
          .required(INT64)
          .named(ID)
          .required(BINARY)
          .as(LogicalTypeAnnotation.stringType())
          .named(KEYS)
          .named("keys");

  private KeyWriter() {}

  /** Keys by the ids of their examples, in the order in which they were added. */
  static final class Keys {
    private final List<Entry> entries = new ArrayList<>();

    void add(long id, String keys) {
      entries.add(new Entry(id, keys));
    }

    void clear() {
      entries.clear();
    }
  }

  private record Entry(long id, String keys) {}

  /**
   * Writes a file.
   *
   * @param folder of the dataset
   * @param file path relative to it
   */
  static DatasetManifest.KeyFile write(Storage storage, String folder, String file, Keys keys) {
    Storage.Written written =
        storage.write(
            new Path(new Path(folder), file),
            out -> {
              try (ParquetWriter<Entry> writer = new Builder(out).build()) {
                for (Entry entry : keys.entries) {
                  writer.write(entry);
                }
              }
            });
    return new DatasetManifest.KeyFile(file, written.bytes(), written.sha256());
  }

  private static final class Builder extends ParquetWriter.Builder<Entry, Builder> {
    Builder(OutputStream out) {
      super(new ParquetStream(out));
      withConf(new Configuration(false));
      withCompressionCodec(CompressionCodecName.ZSTD);
      // As shards are written: one encoding a column, so that bytes do not depend on the JVM.
      withWriterVersion(ParquetProperties.WriterVersion.PARQUET_2_0);
      withDictionaryEncoding(false);
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    @SuppressWarnings("deprecation") // By the Parquet of Spark 4, which still calls it.
    protected WriteSupport<Entry> getWriteSupport(Configuration configuration) {
      return new Support();
    }
  }

  private static final class Support extends WriteSupport<Entry> {
    private RecordConsumer consumer;

    @Override
    @SuppressWarnings("deprecation") // By the Parquet of Spark 4, which still calls it.
    public WriteContext init(Configuration configuration) {
      return new WriteContext(SCHEMA, Map.of());
    }

    @Override
    public void prepareForWrite(RecordConsumer recordConsumer) {
      consumer = recordConsumer;
    }

    @Override
    public void write(Entry entry) {
      consumer.startMessage();
      consumer.startField(ID, 0);
      consumer.addLong(entry.id());
      consumer.endField(ID, 0);
      consumer.startField(KEYS, 1);
      consumer.addBinary(Binary.fromString(entry.keys()));
      consumer.endField(KEYS, 1);
      consumer.endMessage();
    }
  }
}
