package dev.ancestral.model;

import java.util.Arrays;
import java.util.stream.LongStream;

/** All events of a small discrete space, or a fine grid of a one-dimensional real one. */
public final class SmallEvents {
  private SmallEvents() {}

  /**
   * Every event once; sequences of this many steps.
   *
   * @param steps 1 for events of fixed shape
   */
  public static Batch every(EventSpec event, int steps) {
    int size = event.size() * steps;
    int count = Math.toIntExact(Math.round(Math.pow(event.levels(), size)));
    float[] values = new float[count * size];
    for (int i = 0; i < count; i++) {
      int rest = i;
      for (int d = 0; d < size; d++) {
        values[i * size + d] = rest % event.levels();
        rest /= event.levels();
      }
    }
    return batch(event, steps, count, values);
  }

  /** The middles of equal cells from −range to range; sequences of one step. */
  public static Batch grid(EventSpec event, double range, int cells) {
    if (event.size() != 1) {
      throw new IllegalArgumentException("the grid is of one dimension");
    }
    float[] values = new float[cells];
    for (int i = 0; i < cells; i++) {
      values[i] = (float) (-range + (i + 0.5) * 2 * range / cells);
    }
    return batch(event, 1, cells, values);
  }

  /** A batch of these values with ids 0, 1, ... */
  public static Batch batch(EventSpec event, int steps, int count, float[] values) {
    int[] lengths = null;
    if (event.variableLength()) {
      lengths = new int[count];
      Arrays.fill(lengths, steps);
    }
    int[] labels = event.hasLabels() ? new int[count] : null;
    return new Batch(event, LongStream.range(0, count).toArray(), values, labels, lengths);
  }
}
