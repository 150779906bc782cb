package dev.ancestral.data.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import java.io.BufferedInputStream;
import java.io.CharConversionException;
import java.io.Closeable;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.Path;

/** The bytes of an input file, unpacked if it is gzip, with their offset for messages. */
public final class InputBytes implements Closeable {
  private static final int BUFFER = 1 << 16;

  private final Path path;
  private final boolean compressed;
  private final InputStream in;
  private long offset;

  private InputBytes(Path path, boolean compressed, InputStream in, long offset) {
    this.path = path;
    this.compressed = compressed;
    this.in = in;
    this.offset = offset;
  }

  /** From the beginning; gzip is recognised by its first two bytes, whatever the name. */
  public static InputBytes open(Storage storage, Path path) throws IOException {
    BufferedInputStream raw = new BufferedInputStream(storage.open(path), BUFFER);
    raw.mark(2);
    boolean compressed = raw.read() == 0x1f && raw.read() == 0x8b;
    raw.reset();
    return new InputBytes(
        path,
        compressed,
        compressed ? new BufferedInputStream(new GZIPInputStream(raw, BUFFER), BUFFER) : raw,
        0);
  }

  /** From a byte on, for files that are not compressed. */
  public static InputBytes openAt(Storage storage, Path path, long from) throws IOException {
    FSDataInputStream file = storage.open(path);
    file.seek(from);
    return new InputBytes(path, false, new BufferedInputStream(file, BUFFER), from);
  }

  /** Whether a file is gzip, by its first two bytes. */
  public static boolean isCompressed(Storage storage, Path path) {
    try (InputBytes bytes = open(storage, path)) {
      return bytes.compressed;
    } catch (IOException e) {
      throw refusal(path, e);
    }
  }

  /** What a failure to read an input means for the user. */
  public static AncestralException refusal(Path path, IOException e) {
    if (e instanceof ZipException
        || e instanceof EOFException
        || e instanceof JsonProcessingException
        || e instanceof CharConversionException) {
      return new AncestralException(
          ErrorCode.DATA,
          path + " is damaged or cut short (" + why(e) + "); get a whole copy of it",
          e);
    }
    if (e instanceof FileNotFoundException) {
      return new AncestralException(ErrorCode.DATA, path + " is missing; check the path", e);
    }
    return new AncestralException(
        ErrorCode.INTERRUPTED,
        "cannot read " + path + ": " + e + "; when the store is back, run the same command again",
        e);
  }

  private static String why(IOException e) {
    return e instanceof JsonProcessingException json ? json.getOriginalMessage() : e.getMessage();
  }

  /** Whether it is unpacked. */
  public boolean compressed() {
    return compressed;
  }

  public Path path() {
    return path;
  }

  /** Number of (unpacked) bytes before the next one. */
  public long offset() {
    return offset;
  }

  /** The bytes for a parser of its own, which no longer counts here. */
  public InputStream stream() {
    return in;
  }

  /** The next byte, or −1 at the end. */
  public int read() throws IOException {
    int next;
    try {
      next = in.read();
    } catch (EOFException | ZipException e) {
      throw damaged(e);
    }
    if (next >= 0) {
      offset++;
    }
    return next;
  }

  /** Fills the array as far as the file goes, and says how far. */
  public int read(byte[] into) throws IOException {
    int count;
    try {
      count = in.readNBytes(into, 0, into.length);
    } catch (EOFException | ZipException e) {
      throw damaged(e);
    }
    offset += count;
    return count;
  }

  /** The next bytes, fewer at the end; memory grows with what is there, not with what is asked. */
  public byte[] read(int count) throws IOException {
    byte[] bytes;
    try {
      bytes = in.readNBytes(count);
    } catch (EOFException | ZipException e) {
      throw damaged(e);
    }
    offset += bytes.length;
    return bytes;
  }

  /**
   * Passes over bytes.
   *
   * @throws AncestralException (DATA) if there are fewer
   */
  public void skip(long count) throws IOException {
    try {
      in.skipNBytes(count);
    } catch (EOFException | ZipException e) {
      throw damaged(e);
    }
    offset += count;
  }

  private AncestralException damaged(IOException e) {
    return new AncestralException(
        ErrorCode.DATA,
        path
            + " is damaged or cut short after byte "
            + offset
            + (compressed ? " (unpacked): " : ": ")
            + e.getMessage()
            + "; get a whole copy of it",
        e);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }
}
