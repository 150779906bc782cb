package dev.ancestral.job.train;

import dev.ancestral.tensor.FlatVector;
import java.nio.FloatBuffer;
import java.util.List;

/**
 * Vectors laid end to end, read and written as one run of floats.
 *
 * @param parts the vectors, in order
 */
record Concatenation(List<FlatVector> parts) {

  /** Number of floats. */
  long size() {
    return parts.stream().mapToLong(FlatVector::size).sum();
  }

  /** Copies elements from {@code offset} on out, as many as the buffer has room for. */
  void read(long offset, FloatBuffer into) {
    transfer(offset, into, true);
  }

  /** Copies the buffer's elements in at {@code offset}. */
  void write(long offset, FloatBuffer from) {
    transfer(offset, from, false);
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
