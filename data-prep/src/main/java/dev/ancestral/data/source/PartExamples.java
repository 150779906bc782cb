package dev.ancestral.data.source;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** The examples of some parts, one after another, with their positions: a second pass. */
public final class PartExamples implements Iterator<Source.RawExample>, Closeable {
  private final Iterator<Part> parts;
  private final Opener opener;
  private long position;
  private Part part;
  private Reader reader;
  private Source.RawExample next;

  /** Opens a part. */
  @FunctionalInterface
  public interface Opener {
    /** The examples of a part. */
    Reader open(Part part) throws IOException;
  }

  /** Reads the examples of a part. */
  public interface Reader extends Closeable {
    /** The next example, which gets this position; null at the end. */
    Source.RawExample next(long position) throws IOException;
  }

  /**
   * @param position of the first example
   */
  public PartExamples(Iterator<Part> parts, Opener opener, long position) {
    this.parts = parts;
    this.opener = opener;
    this.position = position;
  }

  @Override
  public boolean hasNext() {
    try {
      while (next == null && (reader != null || parts.hasNext())) {
        if (reader == null) {
          part = parts.next();
          reader = opener.open(part);
        }
        next = reader.next(position);
        if (next == null) {
          close();
        } else {
          position++;
        }
      }
    } catch (IOException e) {
      throw InputBytes.refusal(part.file().path(), e);
    }
    return next != null;
  }

  @Override
  public Source.RawExample next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    Source.RawExample current = next;
    next = null;
    return current;
  }

  @Override
  public void close() {
    try {
      if (reader != null) {
        reader.close();
      }
      reader = null;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
