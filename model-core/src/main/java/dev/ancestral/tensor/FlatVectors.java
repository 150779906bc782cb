package dev.ancestral.tensor;

import java.nio.FloatBuffer;
import java.util.List;

/**
 * Vectors laid end to end, read, written and visited as one run of floats.
 *
 * @param parts the vectors, in order
 */
public record FlatVectors(List<FlatVector> parts) {
  public FlatVectors {
    parts = List.copyOf(parts);
  }

  /** Number of floats. */
  public long size() {
    return parts.stream().mapToLong(FlatVector::size).sum();
  }

  /** Copies elements from {@code offset} on out, as many as the buffer has room for. */
  public void read(long offset, FloatBuffer into) {
    transfer(offset, into, true);
  }

  /** Copies the buffer's elements in at {@code offset}. */
  public void write(long offset, FloatBuffer from) {
    transfer(offset, from, false);
  }

  /** What is done with a window. */
  @FunctionalInterface
  public interface WindowAction {
    void accept(FlatVector window);
  }

  /**
   * Visits all elements in order, in windows that lie in one part each.
   *
   * @param most floats of a window
   */
  public void forEachWindow(long most, WindowAction action) {
    for (FlatVector part : parts) {
      for (long from = 0; from < part.size(); from += most) {
        try (FlatVector window = part.window(from, Math.min(most, part.size() - from))) {
          action.accept(window);
        }
      }
    }
  }

  private void transfer(long offset, FloatBuffer buffer, boolean out) {
    long next = offset;
    long start = 0;
    int limit = buffer.limit();
    for (FlatVector part : parts) {
      long at = next - start;
      if (buffer.hasRemaining() && at < part.size()) {
        int count = (int) Math.min(buffer.remaining(), part.size() - at);
        buffer.limit(buffer.position() + count);
        if (out) {
          part.read(at, buffer);
        } else {
          part.write(at, buffer);
        }
        buffer.limit(limit);
        next += count;
      }
      start += part.size();
    }
    if (buffer.hasRemaining()) {
      throw new IllegalArgumentException(
          "there are " + start + " floats; there is no element " + next);
    }
  }
}
