package dev.ancestral.job.evaluate;

import dev.ancestral.data.Shard;
import dev.ancestral.model.Batch;
import dev.ancestral.model.Network;
import dev.ancestral.model.network.NetworkModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How the examples of a piece are put into batches.
 *
 * <p>The bits of a network's score depend on the shape of the batch and on the row that the example
 * is in (kernels of matrix products treat the rows of a block differently), not on what the other
 * rows hold. So a batch has a fixed number of rows, an example of place p in its split is in row p
 * modulo that number, and rows that no example takes are zeros: a score does not depend on which
 * other examples are scored, or on how they are cut into shards. The steps of sequences are rounded
 * up, and only sequences of as many steps share a batch; long ones have a batch each.
 *
 * <p>Models that learn from statistics compute each example alone and need none of this.
 */
final class ScoreBatches {
  private static final int ALONE_AT_ONCE = 256;
  private static final int STEPS_AT_ONCE = 2048;
  private static final int LEAST_TOGETHER = 4;
  // Rounding up to a multiple of a quarter of the power of two below adds a quarter at most.
  private static final int PARTS_OF_A_POWER = 4;

  private final ScorePlan plan;
  private final Shard shard;
  private final long before;
  private final int[] rows;

  /**
   * A batch to score.
   *
   * @param batch with padding where no example is
   * @param of the example of each row as its index in the piece; −1 for padding
   */
  record Slots(Batch batch, int[] of) {}

  /** Of some of the selected rows of a shard. */
  ScoreBatches(ScorePlan plan, Shard shard, ScorePlan.Piece piece) {
    this.plan = plan;
    this.shard = shard;
    before = plan.examplesBefore(piece.shard());
    rows = Arrays.copyOfRange(plan.selection().rows(shard.ids()), piece.from(), piece.to());
  }

  /** Which examples go together: their indices in the piece by the row of the batch. */
  List<int[]> arrangement() {
    List<int[]> batches = new ArrayList<>();
    if (!(plan.model().definition() instanceof Network network)) {
      for (int first = 0; first < rows.length; first += ALONE_AT_ONCE) {
        int[] slots = new int[Math.min(ALONE_AT_ONCE, rows.length - first)];
        for (int i = 0; i < slots.length; i++) {
          slots[i] = first + i;
        }
        batches.add(slots);
      }
      return batches;
    }
    Map<Integer, List<int[]>> bySteps = new TreeMap<>();
    for (int i = 0; i < rows.length; i++) {
      int steps = steps(i);
      int width = width(network, steps);
      int slot = (int) ((before + rows[i]) % width);
      List<int[]> open = bySteps.computeIfAbsent(steps, unknown -> new ArrayList<>());
      int free = 0;
      while (free < open.size() && open.get(free)[slot] >= 0) {
        free++;
      }
      if (free == open.size()) {
        int[] empty = new int[width];
        Arrays.fill(empty, -1);
        open.add(empty);
      }
      open.get(free)[slot] = i;
    }
    bySteps.values().forEach(batches::addAll);
    return batches;
  }

  /** The batch of an arrangement. */
  Slots batch(int[] slots) {
    int[] taken = Arrays.stream(slots).filter(i -> i >= 0).toArray();
    Batch dense = shard.batch(Arrays.stream(taken).map(i -> rows[i]).toArray());
    if (!(plan.model().definition() instanceof Network)) {
      return new Slots(dense, slots);
    }
    boolean sequences = dense.lengths() != null;
    int steps = sequences ? steps(taken[0]) : 1;
    int size = dense.event().size();
    int given = dense.steps() * size;
    float[] values = new float[Math.multiplyExact(slots.length, steps * size)];
    long[] ids = new long[slots.length];
    int[] labels = dense.labels() == null ? null : new int[slots.length];
    int[] lengths = sequences ? new int[slots.length] : null;
    int next = 0;
    for (int row = 0; row < slots.length; row++) {
      boolean example = slots[row] >= 0;
      ids[row] = example ? dense.ids()[next] : -1L - row;
      if (sequences) {
        lengths[row] = example ? dense.lengths()[next] : steps;
      }
      if (example && labels != null) {
        labels[row] = dense.labels()[next];
      }
      if (example) {
        System.arraycopy(dense.values(), next * given, values, row * steps * size, given);
        next++;
      }
    }
    return new Slots(new Batch(dense.event(), ids, values, labels, lengths), slots);
  }

  private int steps(int i) {
    if (!plan.model().event().variableLength()) {
      return 1;
    }
    int length = Math.max(1, shard.length(rows[i]));
    if (STEPS_AT_ONCE / length < LEAST_TOGETHER) {
      return length;
    }
    int unit = Math.max(1, Integer.highestOneBit(length) / PARTS_OF_A_POWER);
    return (length + unit - 1) / unit * unit;
  }

  private int width(Network network, int steps) {
    if (!plan.model().event().variableLength()) {
      return plan.batchWidth();
    }
    int together =
        Math.min(
            Math.min(plan.batchWidth(), STEPS_AT_ONCE / steps),
            NetworkModel.rowsAtOnce(network, steps));
    return together < LEAST_TOGETHER ? 1 : together;
  }
}
