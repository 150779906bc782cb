package dev.ancestral.job.train.checkpoint;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Sha256;
import dev.ancestral.data.Storage;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.Path;

/** Files of consecutive float32 numbers, little-endian, that hold a committed state. */
public final class StateFiles {
  private static final int SLICE = 1 << 24;

  private StateFiles() {}

  /** Writes elements [from, to) of a source to files whose names begin as given. */
  public static List<CheckpointManifest.Slice> save(
      Storage storage,
      Path checkpoints,
      String name,
      int replica,
      long from,
      long to,
      Source source) {
    List<CheckpointManifest.Slice> slices = new ArrayList<>();
    for (long at = from; at < to; at += SLICE) {
      slices.add(
          saveSlice(
              storage,
              checkpoints,
              name + "-" + at + ".f32",
              replica,
              at,
              Math.min(SLICE, to - at),
              source));
    }
    return slices;
  }

  /** Where floats come from. */
  @FunctionalInterface
  public interface Source {
    void read(long element, FloatBuffer into);
  }

  /** Writes floats to a file, little-endian. */
  private static CheckpointManifest.Slice saveSlice(
      Storage storage,
      Path checkpoints,
      String file,
      int replica,
      long offset,
      long count,
      Source source) {
    Storage.Written written =
        storage.write(
            new Path(checkpoints, file),
            out -> {
              byte[] bytes = new byte[(int) Math.min(count, 1 << 16) * Float.BYTES];
              FloatBuffer floats =
                  ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
              for (long done = 0; done < count; ) {
                int now = (int) Math.min(count - done, floats.capacity());
                source.read(offset + done, floats.clear().limit(now));
                out.write(bytes, 0, now * Float.BYTES);
                done += now;
              }
            });
    return new CheckpointManifest.Slice(
        replica, offset, count, file, written.bytes(), written.sha256());
  }

  /** Where floats go. */
  @FunctionalInterface
  public interface Sink {
    void write(long element, FloatBuffer from);
  }

  /**
   * Reads a slice, handing it on piece by piece.
   *
   * @throws AncestralException (DATA) if the file is not what was committed
   */
  public static void load(
      Storage storage, Path checkpoints, CheckpointManifest.Slice slice, Sink sink) {
    Path path = new Path(checkpoints, slice.file());
    MessageDigest digest = Sha256.digest();
    try (InputStream file = storage.open(path);
        DataInputStream in = new DataInputStream(new DigestInputStream(file, digest))) {
      byte[] bytes = new byte[(int) Math.min(slice.count(), 1 << 16) * Float.BYTES];
      for (long done = 0; done < slice.count(); ) {
        int now = (int) Math.min(slice.count() - done, bytes.length / Float.BYTES);
        in.readFully(bytes, 0, now * Float.BYTES);
        sink.write(
            slice.offset() + done,
            ByteBuffer.wrap(bytes, 0, now * Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer());
        done += now;
      }
    } catch (IOException e) {
      throw new AncestralException(
          ErrorCode.DATA,
          "checkpoint file "
              + path
              + " cannot be read: "
              + e.getMessage()
              + "; bring it back, or begin anew with --restart",
          e);
    }
    String found = Sha256.hex(digest);
    if (!found.equals(slice.sha256())) {
      throw new AncestralException(
          ErrorCode.DATA,
          "checkpoint file "
              + path
              + " has sha256 "
              + found
              + "; its commit says "
              + slice.sha256()
              + "; bring the file back, or begin anew with --restart");
    }
  }
}
