package dev.ancestral.data.prepare;

import dev.ancestral.data.source.Source.RawExample;
import java.io.Serializable;
import java.util.Arrays;

/**
 * Consecutive examples of one shard on their way through the shuffle: a few arrays instead of a
 * thousand objects.
 */
final class Block implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int MOST_EXAMPLES = 4096;
  private static final int MOST_BYTES = 1 << 18;

  private long[] positions = new long[64];
  private int[] labels = new int[64];
  private int[] lengths = new int[64];
  // Where each example ends in the data.
  private int[] ends = new int[64];
  private byte[] data = new byte[1 << 12];
  private int size;

  void add(RawExample example) {
    if (size == positions.length) {
      positions = Arrays.copyOf(positions, 2 * size);
      labels = Arrays.copyOf(labels, 2 * size);
      lengths = Arrays.copyOf(lengths, 2 * size);
      ends = Arrays.copyOf(ends, 2 * size);
    }
    int begin = begin(size);
    int end = begin + example.data().length;
    if (end > data.length) {
      data = Arrays.copyOf(data, Math.max(end, 2 * data.length));
    }
    System.arraycopy(example.data(), 0, data, begin, example.data().length);
    positions[size] = example.position();
    labels[size] = example.label();
    lengths[size] = example.length();
    ends[size++] = end;
  }

  boolean isFull() {
    return size >= MOST_EXAMPLES || begin(size) >= MOST_BYTES;
  }

  /** Cuts the arrays to their contents. */
  Block trimmed() {
    positions = Arrays.copyOf(positions, size);
    labels = Arrays.copyOf(labels, size);
    lengths = Arrays.copyOf(lengths, size);
    ends = Arrays.copyOf(ends, size);
    data = Arrays.copyOf(data, begin(size));
    return this;
  }

  int size() {
    return size;
  }

  long firstPosition() {
    return positions[0];
  }

  RawExample example(int i) {
    return new RawExample(
        positions[i], Arrays.copyOfRange(data, begin(i), ends[i]), labels[i], lengths[i]);
  }

  private int begin(int i) {
    return i == 0 ? 0 : ends[i - 1];
  }
}
