package dev.ancestral.data;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInput;
import java.io.DataInputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;

/**
 * A Hadoop configuration on its way to the tasks of a job.
 *
 * <p>It has a thousand entries and more, and every task of every stage brings it along; decoding it
 * takes longer than many a task works. Therefore equal bytes are decoded once in a process, and the
 * tasks there share what they decode to, which none of them changes.
 */
final class SentConfiguration {
  private static final int KEPT = 8;
  private static final Map<Bytes, SentConfiguration> SEEN = new LinkedHashMap<>();

  private final Bytes bytes;
  private final Configuration configuration;

  private SentConfiguration(Bytes bytes, Configuration configuration) {
    this.bytes = bytes;
    this.configuration = configuration;
  }

  /** The configuration as it is now: later changes of it are not sent. */
  static SentConfiguration of(Configuration configuration) {
    ByteArrayOutputStream encoded = new ByteArrayOutputStream();
    try {
      configuration.write(new DataOutputStream(encoded));
    } catch (IOException e) {
      throw new UncheckedIOException("no device is written to", e);
    }
    return new SentConfiguration(new Bytes(encoded.toByteArray()), configuration);
  }

  void write(DataOutput out) throws IOException {
    out.writeInt(bytes.encoded().length);
    out.write(bytes.encoded());
  }

  /** What {@link #write} wrote, decoded unless this process has met the same bytes before. */
  static SentConfiguration read(DataInput in) throws IOException {
    byte[] encoded = new byte[in.readInt()];
    in.readFully(encoded);
    Bytes bytes = new Bytes(encoded);
    synchronized (SEEN) {
      SentConfiguration seen = SEEN.get(bytes);
      if (seen == null) {
        Configuration decoded = new Configuration(false);
        decoded.readFields(new DataInputStream(new ByteArrayInputStream(encoded)));
        seen = new SentConfiguration(bytes, decoded);
        if (SEEN.size() == KEPT) {
          SEEN.remove(SEEN.keySet().iterator().next());
        }
        SEEN.put(bytes, seen);
      }
      return seen;
    }
  }

  Configuration configuration() {
    return configuration;
  }

  /** A key by content. */
  private record Bytes(byte[] encoded) {
    @Override
    public boolean equals(Object other) {
      return other instanceof Bytes bytes && Arrays.equals(encoded, bytes.encoded);
    }

    @Override
    public int hashCode() {
      return Arrays.hashCode(encoded);
    }
  }
}
