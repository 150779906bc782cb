package dev.ancestral.data;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import java.util.Arrays;
import java.util.Iterator;
import java.util.stream.IntStream;
import org.apache.hadoop.fs.Path;

/**
 * The examples of one shard in memory, kept as compactly as in the file; batches of float32 are
 * made when they are asked for. Immutable, so that threads may share it.
 */
public final class Shard {
  private final EventSpec event;
  private final long[] ids;
  private final byte[] payload;
  private final int[] labels;
  private final int[] lengths;
  // Where each sequence begins in the payload, [B]; null for events of fixed shape.
  private final int[] offsets;

  /**
   * @param event what an example is
   * @param ids global ids, [B]
   * @param payload of all examples, one after another, laid out as {@link Payload} says
   * @param labels [B], or null where the event has none
   * @param lengths [B], or null for events of fixed shape
   */
  Shard(EventSpec event, long[] ids, byte[] payload, int[] labels, int[] lengths) {
    this.event = event;
    this.ids = ids;
    this.payload = payload;
    this.labels = labels;
    this.lengths = lengths;
    offsets = lengths == null ? null : new int[lengths.length];
    for (int row = 1; lengths != null && row < lengths.length; row++) {
      offsets[row] = offsets[row - 1] + lengths[row - 1] * Payload.stepBytes(event);
    }
  }

  /**
   * Reads a shard and checks that it is the one that the manifest lists.
   *
   * @param folder of the manifest
   * @param entry what the manifest says of it
   * @throws AncestralException (DATA) if the file is missing, changed or damaged, (INTERRUPTED) if
   *     the store failed
   */
  public static Shard read(Storage storage, Path folder, EventSpec event, ShardEntry entry) {
    Path path = new Path(folder, entry.file());
    // Before it is read: a file of any size may lie there now.
    long length = storage.status(path).getLen();
    if (length != entry.bytes()) {
      throw changed(path, "length", entry.bytes() + " bytes", length + " bytes");
    }
    byte[] content = storage.read(path, Math.toIntExact(length));
    String sha256 = Sha256.of(content);
    if (!sha256.equals(entry.sha256())) {
      throw changed(path, "sha256", entry.sha256(), sha256);
    }
    return ShardReader.read(content, event, entry, path.toString());
  }

  /** The same examples with their elements in another order. */
  Shard arranged(ColumnOrder order) {
    return order.isAsStored()
        ? this
        : new Shard(
            order.event(event), ids, order.apply(payload, Payload.width(event)), labels, lengths);
  }

  static AncestralException changed(Object path, String what, String expected, String actual) {
    return new AncestralException(
        ErrorCode.DATA,
        path
            + " is damaged or was changed: its "
            + what
            + " is "
            + actual
            + ", the manifest says "
            + expected
            + "; restore it, or remove the dataset and make it again");
  }

  /** Number of examples. */
  public int size() {
    return ids.length;
  }

  public EventSpec event() {
    return event;
  }

  public long id(int row) {
    return ids[row];
  }

  /** All ids, ascending. */
  public long[] ids() {
    return ids.clone();
  }

  /** Rows from (inclusive) to (exclusive) as a batch. */
  public Batch batch(int from, int to) {
    return batch(IntStream.range(from, to).toArray());
  }

  /** Steps of a row; 1 for events of fixed shape. */
  public int length(int row) {
    return lengths == null ? 1 : lengths[row];
  }

  /** These rows in this order; sequences are padded with zeros to the longest among them. */
  public Batch batch(int[] rows) {
    Shard[] shards = new Shard[rows.length];
    Arrays.fill(shards, this);
    return batch(event, shards, rows);
  }

  /**
   * Rows of several shards of one dataset: example i is row {@code rows[i]} of {@code shards[i]}.
   *
   * @param event of the shards
   */
  public static Batch batch(EventSpec event, Shard[] shards, int[] rows) {
    int count = rows.length;
    long[] ids = new long[count];
    int[] labels = event.hasLabels() ? new int[count] : null;
    int[] lengths = event.variableLength() ? new int[count] : null;
    int steps = event.variableLength() ? 0 : 1;
    for (int i = 0; i < count; i++) {
      Shard shard = shards[i];
      ids[i] = shard.ids[rows[i]];
      if (labels != null) {
        labels[i] = shard.labels[rows[i]];
      }
      if (lengths != null) {
        lengths[i] = shard.lengths[rows[i]];
        steps = Math.max(steps, lengths[i]);
      }
    }
    int stride = Math.multiplyExact(steps, event.size());
    float[] values = new float[Math.multiplyExact(count, stride)];
    for (int i = 0; i < count; i++) {
      int elements = (lengths == null ? 1 : lengths[i]) * event.size();
      Shard shard = shards[i];
      Payload.decode(event, shard.payload, shard.offset(rows[i]), elements, values, i * stride);
    }
    return new Batch(event, ids, values, labels, lengths);
  }

  /** A copy of these rows in this order, which keeps nothing of the others in memory. */
  public Shard select(int[] rows) {
    int total = 0;
    for (int row : rows) {
      total = Math.addExact(total, bytes(row));
    }
    byte[] copied = new byte[total];
    int at = 0;
    for (int row : rows) {
      System.arraycopy(payload, offset(row), copied, at, bytes(row));
      at += bytes(row);
    }
    return new Shard(
        event,
        Arrays.stream(rows).mapToLong(row -> ids[row]).toArray(),
        copied,
        labels == null ? null : Arrays.stream(rows).map(row -> labels[row]).toArray(),
        lengths == null ? null : Arrays.stream(rows).map(row -> lengths[row]).toArray());
  }

  /** The examples as they are stored, in order. */
  public Iterator<Example> examples() {
    return IntStream.range(0, size())
        .mapToObj(
            row ->
                new Example(
                    ids[row],
                    Arrays.copyOfRange(payload, offset(row), offset(row) + bytes(row)),
                    labels == null ? Example.NONE : labels[row],
                    lengths == null ? Example.NONE : lengths[row]))
        .iterator();
  }

  /** Bytes of heap that it holds, to within object headers. */
  public long memoryBytes() {
    long perRow = 8L + (labels == null ? 0 : 4) + (lengths == null ? 0 : 8);
    return payload.length + perRow * ids.length;
  }

  private int offset(int row) {
    return offsets == null ? row * Payload.stepBytes(event) : offsets[row];
  }

  private int bytes(int row) {
    return (lengths == null ? 1 : lengths[row]) * Payload.stepBytes(event);
  }
}
