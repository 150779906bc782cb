package dev.ancestral.model;

/**
 * Some examples on the host.
 *
 * @param event what an example is
 * @param ids global ids, [B]
 * @param values elements, row-major: [B, size] for events of fixed shape; [B, T, size] for
 *     sequences, where T is the longest length and shorter ones are padded with zeros
 * @param labels [B], or null where the event has none
 * @param lengths steps of each sequence, [B], or null for events of fixed shape
 */
public record Batch(EventSpec event, long[] ids, float[] values, int[] labels, int[] lengths) {

  public Batch {
    int steps = 1;
    if (lengths != null) {
      steps = 0;
      for (int length : lengths) {
        steps = Math.max(steps, length);
      }
    }
    long expected = (long) ids.length * steps * event.size();
    if (values.length != expected) {
      throw new IllegalArgumentException(
          "a batch of "
              + ids.length
              + " examples of "
              + event.describe()
              + " holds "
              + expected
              + " values; it was given "
              + values.length);
    }
  }

  /** Examples of fixed shape without labels. */
  public static Batch of(EventSpec event, long[] ids, float[] values) {
    return new Batch(event, ids, values, null, null);
  }

  /** Number of examples, B. */
  public int size() {
    return ids.length;
  }

  /** The longest length, T; 1 for events of fixed shape. */
  public int steps() {
    return lengths == null || ids.length == 0 ? 1 : values.length / (ids.length * event.size());
  }

  /** Elements of example i: its length times the size of a step. */
  public long elements(int i) {
    return (long) (lengths == null ? 1 : lengths[i]) * event.size();
  }
}
