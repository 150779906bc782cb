package dev.ancestral.data.source;

import java.io.Serializable;
import java.util.Locale;

/**
 * A stretch of a file that is read from beginning to end by one task: all of it, or a range where
 * the format can be entered in the middle.
 */
public final class Part implements Serializable, Comparable<Part> {
  private static final long serialVersionUID = 1L;

  private final InputFile file;
  private final long from;
  private final long to;

  /**
   * @param from where it begins, in the format's own measure
   * @param to where it ends (exclusive); {@link Long#MAX_VALUE} for the end of the file
   */
  public Part(InputFile file, long from, long to) {
    this.file = file;
    this.from = from;
    this.to = to;
  }

  /** All of a file. */
  public static Part whole(InputFile file) {
    return new Part(file, 0, Long.MAX_VALUE);
  }

  public InputFile file() {
    return file;
  }

  /** Where it begins, in the measure of the format. */
  public long from() {
    return from;
  }

  /** Where it ends (exclusive), in the measure of the format. */
  public long to() {
    return to;
  }

  public boolean reachesEnd() {
    return to == Long.MAX_VALUE;
  }

  /** A text that sorts as parts do: by file, then by where they begin. */
  public String sortKey() {
    return file.sortKey() + String.format(Locale.ROOT, "\0%019d", from);
  }

  @Override
  public int compareTo(Part other) {
    int byFile = file.compareTo(other.file);
    return byFile != 0 ? byFile : Long.compare(from, other.from);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Part part && compareTo(part) == 0;
  }

  @Override
  public int hashCode() {
    return file.hashCode() * 31 + Long.hashCode(from);
  }
}
