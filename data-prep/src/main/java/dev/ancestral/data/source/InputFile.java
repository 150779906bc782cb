package dev.ancestral.data.source;

import java.io.Serializable;
import java.net.URI;
import org.apache.hadoop.fs.Path;

/** A file to be read. A plain class, not a record: it is shuffled, and Kryo cannot read records. */
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
  int argument() {
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
