package dev.ancestral.data.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.apache.hadoop.fs.Path;

/** A file to be read. */
public final class InputFile implements Serializable, Comparable<InputFile> {
  private static final long serialVersionUID = 1L;

  private final int argument;
  private final String uri;
  private final long length;
  private final long modified;

  /**
   * @param argument which of the inputs named it, from 0
   * @param uri where it is
   * @param length in bytes
   * @param modified time of its last change, in milliseconds since 1970
   */
  public InputFile(int argument, String uri, long length, long modified) {
    this.argument = argument;
    this.uri = uri;
    this.length = length;
    this.modified = modified;
  }

  /** Which of the inputs named it, from 0. */
  public int argument() {
    return argument;
  }

  public String uri() {
    return uri;
  }

  public Path path() {
    return new Path(URI.create(uri));
  }

  public String name() {
    return path().getName();
  }

  public long length() {
    return length;
  }

  /** What identifies this version of the file. */
  public String version() {
    return argument + "\n" + uri + "\n" + length + "\n" + modified + "\n";
  }

  /** A text that sorts as files do: by argument, then by name. */
  public String sortKey() {
    return String.format(Locale.ROOT, "%010d ", argument) + uri;
  }

  /** All of it in a form that any serializer carries. */
  public byte[] packed() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeInt(argument);
      out.writeLong(length);
      out.writeLong(modified);
      out.write(uri.getBytes(UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e); // writing to memory does not fail
    }
    return bytes.toByteArray();
  }

  /** The file that {@link #packed} was called on. */
  public static InputFile unpacked(byte[] packed) {
    ByteBuffer in = ByteBuffer.wrap(packed);
    int argument = in.getInt();
    long length = in.getLong();
    long modified = in.getLong();
    return new InputFile(argument, UTF_8.decode(in).toString(), length, modified);
  }

  @Override
  public int compareTo(InputFile other) {
    int byArgument = Integer.compare(argument, other.argument);
    return byArgument != 0 ? byArgument : uri.compareTo(other.uri);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof InputFile file && compareTo(file) == 0;
  }

  @Override
  public int hashCode() {
    return uri.hashCode();
  }

  @Override
  public String toString() {
    return uri;
  }
}
