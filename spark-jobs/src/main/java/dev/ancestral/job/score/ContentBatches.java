package dev.ancestral.job.score;

import dev.ancestral.model.Batch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How examples are put into batches of a network.
 *
 * <p>The bits of a network's score depend on the shape of the batch and on the row that the example
 * is in, not on what the other rows hold. So a batch has a fixed number of rows, an example is in
 * the row that the hash of its content chooses, and rows that no example takes are zeros: a score
 * does not depend on where an example lies, or on which others are scored. Equal examples are
 * scored once. A sequence has a batch of its own, of as many steps as it has.
 */
final class ContentBatches {
  private final Batch x;
  private final long[] hashes;
  private final int width;
  // For each example the first one that is equal to it.
  private final int[] first;

  /**
   * @param hashes of the contents, [B]
   * @param width rows of a batch
   */
  ContentBatches(Batch x, long[] hashes, int width) {
    this.x = x;
    this.hashes = hashes;
    this.width = x.lengths() == null ? width : 1;
    first = new int[x.size()];
    Map<Long, Integer> seen = new HashMap<>();
    for (int i = 0; i < first.length; i++) {
      Integer equal = seen.putIfAbsent(hashes[i], i);
      first[i] = equal == null ? i : equal;
    }
  }

  /** Which examples go together: their indices by the row of the batch, −1 where there is none. */
  List<int[]> arrangement() {
    List<int[]> batches = new ArrayList<>();
    int[] used = new int[width];
    for (int i = 0; i < first.length; i++) {
      if (first[i] < i) {
        continue;
      }
      int row = (int) Long.remainderUnsigned(hashes[i], width);
      if (used[row] == batches.size()) {
        int[] empty = new int[width];
        Arrays.fill(empty, -1);
        batches.add(empty);
      }
      batches.get(used[row]++)[row] = i;
    }
    return batches;
  }

  /** The batch of an arrangement; ids are the hashes. */
  Batch batch(int[] slots) {
    if (x.lengths() != null) {
      Batch alone = x.slice(slots[0], slots[0] + 1);
      long[] id = {hashes[slots[0]]};
      return new Batch(alone.event(), id, alone.values(), alone.labels(), alone.lengths());
    }
    int size = x.event().size();
    float[] values = new float[Math.multiplyExact(width, size)];
    long[] ids = new long[width];
    int[] labels = x.labels() == null ? null : new int[width];
    for (int row = 0; row < width; row++) {
      int i = slots[row];
      if (i >= 0) {
        ids[row] = hashes[i];
        System.arraycopy(x.values(), i * size, values, row * size, size);
        if (labels != null) {
          labels[row] = x.labels()[i];
        }
      }
    }
    return new Batch(x.event(), ids, values, labels, null);
  }

  /** Gives each example the score of the first one that is equal to it. */
  void copyToEqual(double[] nats) {
    for (int i = 0; i < nats.length; i++) {
      nats[i] = nats[first[i]];
    }
  }

  /** Gives each example what the first one has that is equal to it. */
  void copyToEqual(double[][] rows) {
    for (int i = 0; i < rows.length; i++) {
      rows[i] = rows[first[i]];
    }
  }
}
