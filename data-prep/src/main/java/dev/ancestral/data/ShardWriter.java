package dev.ancestral.data;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.model.EventSpec;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.Iterator;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.column.ParquetProperties;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;

/**
 * Writes examples as one Parquet file: {@code id: int64, payload: binary} and, where the event has
 * them, {@code label: int32} and {@code length: int32}.
 *
 * <p>The same examples give the same bytes: no time, host or random name goes into the file. The
 * content hash does not even depend on Parquet: it is the sha256 over the examples in order, each
 * as id (int64), label (int32, −1 if none), length (int32, −1 if none), number of payload bytes
 * (int32), payload; little-endian.
 *
 * <p>Examples stream through: memory holds a part of the file, never all.
 */
public final class ShardWriter {
  private static final long ROW_GROUP_BYTES = 32 << 20;
  private static final int PAGE_BYTES = 1 << 20;
  // Readers check a whole file in memory before they trust it.
  private static final long MOST_PAYLOAD_BYTES = 1L << 30;

  private ShardWriter() {}

  /**
   * Writes a shard.
   *
   * @param folder of the manifest that will list it
   * @param file path relative to the folder
   * @param examples at least one, in ascending order of id
   * @throws AncestralException (SPEC) if it can never be written there, (INTERRUPTED) if the store
   *     failed, (DATA) if the examples are too large for one shard
   * @throws IllegalArgumentException if ids do not ascend or an example does not suit the event
   */
  public static ShardEntry write(
      Storage storage, Path folder, String file, EventSpec event, Iterator<Example> examples) {
    Path path = new Path(folder, file);
    Content content = new Content(event, path);
    Storage.Written written =
        storage.write(
            path,
            out -> {
              try (ParquetWriter<Example> writer = new Builder(out, event).build()) {
                while (examples.hasNext()) {
                  Example example = examples.next();
                  content.add(example);
                  writer.write(example);
                }
              }
            });
    return content.entry(file, written);
  }

  /** Checks and hashes what goes by. */
  private static final class Content {
    private final EventSpec event;
    private final Path path;
    private final MessageDigest digest = Sha256.digest();
    private final ByteBuffer head = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
    private long firstId = -1;
    private long lastId = -1;
    private int examples;
    private long bytes;

    Content(EventSpec event, Path path) {
      this.event = event;
      this.path = path;
    }

    void add(Example example) {
      check(example);
      firstId = examples == 0 ? example.id() : firstId;
      lastId = example.id();
      examples++;
      bytes += example.payload().length;
      if (bytes > MOST_PAYLOAD_BYTES) {
        throw new AncestralException(
            ErrorCode.DATA,
            path
                + " would hold more than 1 GiB of elements after "
                + examples
                + " examples; choose a smaller shard size");
      }
      head.clear();
      head.putLong(example.id()).putInt(example.label()).putInt(example.length());
      head.putInt(example.payload().length).flip();
      digest.update(head);
      digest.update(example.payload());
    }

    private void check(Example example) {
      if (example.id() <= lastId) {
        throw new IllegalArgumentException(
            "id " + example.id() + " follows " + lastId + " in " + path + "; ids must ascend");
      }
      boolean labelled = example.label() >= 0 && example.label() < event.classes();
      if (event.hasLabels() ? !labelled : example.label() != Example.NONE) {
        throw new IllegalArgumentException(
            "example " + example.id() + " has label " + example.label() + ", " + event.describe());
      }
      boolean steps = event.variableLength() == (example.length() != Example.NONE);
      long expected =
          (long) Payload.stepBytes(event) * (event.variableLength() ? example.length() : 1);
      if (!steps || example.payload().length != expected) {
        throw new IllegalArgumentException(
            "example "
                + example.id()
                + " has "
                + example.payload().length
                + " bytes and length "
                + example.length()
                + "; the event is "
                + event.describe());
      }
    }

    ShardEntry entry(String file, Storage.Written written) {
      if (examples == 0) {
        throw new IllegalArgumentException("no examples for " + path);
      }
      if (bytes + examples * ShardReader.ROW_BYTES > MemoryBound.of(written.bytes())) {
        throw new AncestralException(
            ErrorCode.DATA,
            path
                + " packs "
                + bytes
                + " bytes of elements into "
                + written.bytes()
                + ", more than a reader believes; choose a smaller shard size");
      }
      return new ShardEntry(
          file, firstId, lastId, examples, written.bytes(), written.sha256(), Sha256.hex(digest));
    }
  }

  /** Everything that would make bytes depend on configuration is fixed here. */
  private static final class Builder extends ParquetWriter.Builder<Example, Builder> {
    private final EventSpec event;

    Builder(OutputStream out, EventSpec event) {
      super(new ParquetStream(out));
      this.event = event;
      withConf(new Configuration(false));
      withCompressionCodec(CompressionCodecName.ZSTD);
      // One encoding a column: the footer lists a column's encodings in the order of a hash set,
      // which differs from JVM to JVM, and pages of version 1 always have two.
      withWriterVersion(ParquetProperties.WriterVersion.PARQUET_2_0);
      withDictionaryEncoding(false);
      withRowGroupSize(ROW_GROUP_BYTES);
      withPageSize(PAGE_BYTES);
      withMinRowCountForPageSizeCheck(1);
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    @SuppressWarnings("deprecation") // By the Parquet of Spark 4, which still calls it.
    protected WriteSupport<Example> getWriteSupport(Configuration configuration) {
      return new ExampleWriteSupport(event);
    }
  }
}
