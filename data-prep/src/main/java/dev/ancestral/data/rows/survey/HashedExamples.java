package dev.ancestral.data.rows.survey;

import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.Example;
import dev.ancestral.data.Payload;
import dev.ancestral.data.Sha256;
import dev.ancestral.data.prepare.TableContext;
import dev.ancestral.data.source.Partitions;
import dev.ancestral.data.source.Source;
import dev.ancestral.model.EventSpec;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Examples in the order of a hash of their contents: the first 127 bits of the sha256 of payload,
 * label, length and keys. Equal ones are interchangeable, so nothing depends on where they were.
 */
final class HashedExamples {
  private static final StructType TYPE =
      new StructType()
          .add("high", DataTypes.LongType, false)
          .add("low", DataTypes.LongType, false)
          .add("data", DataTypes.BinaryType, false)
          .add("label", DataTypes.IntegerType, false)
          .add("length", DataTypes.IntegerType, false);
  private static final int DATA = 2;
  private static final int LABEL = 3;
  private static final int LENGTH = 4;
  // Of the hash: so many of its first bits tell the bucket.
  private static final int BUCKET_BITS = 12;
  private static final int BUCKET_SHIFT = Long.SIZE - 1 - BUCKET_BITS;

  private HashedExamples() {}

  /**
   * An example with its hash.
   *
   * @param keys a JSON object, or empty
   */
  static Row row(byte[] payload, int label, int length, String keys) {
    byte[] carried = keys.getBytes(StandardCharsets.UTF_8);
    byte[] data = Arrays.copyOf(payload, payload.length + carried.length);
    System.arraycopy(carried, 0, data, payload.length, carried.length);
    MessageDigest digest = Sha256.digest();
    digest.update(ByteBuffer.allocate(2 * Integer.BYTES).putInt(label).putInt(length).flip());
    ByteBuffer hash = ByteBuffer.wrap(digest.digest(data));
    // Without its last bit, so that the order of signed numbers is that of bits.
    return RowFactory.create(hash.getLong() >>> 1, hash.getLong(), data, label, length);
  }

  /**
   * The examples by their positions.
   *
   * @param hashed rows that {@link #row} made
   * @param event that their payloads are laid out for
   */
  static Source.Extraction extraction(
      TableContext context,
      JavaRDD<Row> hashed,
      EventSpec event,
      List<DatasetManifest.KeyColumn> keys) {
    Dataset<Row> rows = context.session().createDataFrame(hashed, TYPE);
    // One object, so that Spark deals rows out once for both passes.
    JavaRDD<Row> sorted =
        rows.repartition(
                context.tasks(), functions.shiftrightunsigned(functions.col("high"), BUCKET_SHIFT))
            .sortWithinPartitions("high", "low")
            .javaRDD();
    Partitions<Row> parts = context.partitions(sorted);
    long[] first = new long[(1 << BUCKET_BITS) + 1];
    for (long[] counts : parts.collect((p, some) -> counts(some))) {
      for (int bucket = 0; bucket < counts.length; bucket++) {
        first[bucket + 1] += counts[bucket];
      }
    }
    for (int bucket = 1; bucket < first.length; bucket++) {
      first[bucket] += first[bucket - 1];
    }
    return new Source.Extraction(
        parts.map((p, some) -> new Positioned(some, first)),
        new Unpacked(Payload.stepBytes(event)),
        event,
        keys);
  }

  private static int bucket(Row row) {
    return (int) (row.getLong(0) >>> BUCKET_SHIFT);
  }

  private static long[] counts(Iterator<Row> rows) {
    long[] counts = new long[1 << BUCKET_BITS];
    while (rows.hasNext()) {
      counts[bucket(rows.next())]++;
    }
    return counts;
  }

  /** The examples of a partition, in the order of their hashes. */
  private static final class Positioned implements Iterator<Source.RawExample> {
    private final Iterator<Row> rows;
    private final long[] first;
    private int bucket = -1;
    private long position;

    Positioned(Iterator<Row> rows, long[] first) {
      this.rows = rows;
      this.first = first;
    }

    @Override
    public boolean hasNext() {
      return rows.hasNext();
    }

    @Override
    public Source.RawExample next() {
      Row row = rows.next();
      int at = bucket(row);
      position = at == bucket ? position + 1 : first[at];
      bucket = at;
      return new Source.RawExample(
          position, row.getAs(DATA), row.getInt(LABEL), row.getInt(LENGTH));
    }
  }

  /** Takes payload and keys apart. */
  private record Unpacked(int stepBytes) implements Source.Decoder {
    private static final long serialVersionUID = 1L;

    private int payload(Source.RawExample raw) {
      return raw.length() == Example.NONE ? stepBytes : stepBytes * raw.length();
    }

    @Override
    public Example decode(long id, Source.RawExample raw) {
      byte[] payload = Arrays.copyOf(raw.data(), payload(raw));
      return new Example(id, payload, raw.label(), raw.length());
    }

    @Override
    public String keys(Source.RawExample raw) {
      int from = payload(raw);
      return new String(raw.data(), from, raw.data().length - from, StandardCharsets.UTF_8);
    }
  }
}
