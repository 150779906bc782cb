package dev.ancestral.model;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.schema.RowSchema;
import java.util.Arrays;
import java.util.Optional;

/**
 * Some examples on the host.
 *
 * @param event what an example is
 * @param ids global ids, [B]
 * @param values elements, row-major: [B, size] for events of fixed shape; [B, T, size] for
 *     sequences, where T is at least the longest length and shorter ones are padded with zeros; NaN
 *     where the event allows elements to be missing and one is
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
    long perStep = (long) ids.length * event.size();
    boolean padded =
        lengths != null && values.length > expected && perStep > 0 && values.length % perStep == 0;
    if (values.length != expected && !padded) {
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

  /**
   * The same examples with other labels.
   *
   * @param newLabels [B], or null for none
   * @param classes of the labels; 0 for none
   */
  public Batch withLabels(int[] newLabels, int classes) {
    return new Batch(event.withClasses(classes), ids, values, newLabels, lengths);
  }

  /** Number of examples, B. */
  public int size() {
    return ids.length;
  }

  /** The longest length, T; 1 for events of fixed shape. */
  public int steps() {
    return lengths == null || ids.length == 0 ? 1 : values.length / (ids.length * event.size());
  }

  /** Examples {@code from} (inclusive) to {@code to} (exclusive). */
  public Batch slice(int from, int to) {
    if (from == 0 && to == ids.length) {
      return this;
    }
    int perExample = steps() * event.size();
    int longest = 1;
    if (lengths != null) {
      longest = 0;
      for (int i = from; i < to; i++) {
        longest = Math.max(longest, lengths[i]);
      }
    }
    // A slice is padded to its own longest length.
    int kept = longest * event.size();
    float[] part = new float[(to - from) * kept];
    for (int i = from; i < to; i++) {
      System.arraycopy(values, i * perExample, part, (i - from) * kept, kept);
    }
    return new Batch(
        event,
        Arrays.copyOfRange(ids, from, to),
        part,
        labels == null ? null : Arrays.copyOfRange(labels, from, to),
        lengths == null ? null : Arrays.copyOfRange(lengths, from, to));
  }

  /**
   * Checks that these are examples of an event, so that what was stored is not taken for what a
   * model sees, or one model's examples for another's.
   *
   * @param expected the event; labels that it does not have are ignored, and a batch may have none
   * @return this batch
   * @throws IllegalArgumentException if they are examples of another event
   */
  public Batch requireOf(EventSpec expected) {
    boolean same =
        event.equals(expected)
            || (event.shape().equals(expected.shape())
                && event.elements().equals(expected.elements())
                && event.variableLength() == expected.variableLength()
                && event.learnedEnd() == expected.learnedEnd()
                && (event.classes() == expected.classes()
                    || event.classes() == 0
                    || expected.classes() == 0));
    if (!same) {
      throw new IllegalArgumentException(
          "examples of "
              + event.describe()
              + " were handed on as ones of "
              + expected.describe()
              + "; they must come from ModelledEvent.apply");
    }
    return this;
  }

  /** Whether the last step of sequence i is an end symbol. */
  public boolean ends(int i) {
    int last = i * steps() + lengths[i] - 1;
    return lengths[i] > 0 && values[last] == event.endSymbol();
  }

  /**
   * The same sequences, each up to its first end symbol and that one, padded to the longest of
   * them; one without an end symbol stays as it is.
   */
  public Batch untilEnd() {
    int[] kept = new int[size()];
    int longest = 0;
    for (int i = 0; i < kept.length; i++) {
      int row = i * steps();
      while (kept[i] < lengths[i] && values[row + kept[i]] != event.endSymbol()) {
        kept[i]++;
      }
      kept[i] = Math.min(lengths[i], kept[i] + 1);
      longest = Math.max(longest, kept[i]);
    }
    float[] part = new float[kept.length * longest];
    for (int i = 0; i < kept.length; i++) {
      System.arraycopy(values, i * steps(), part, i * longest, kept[i]);
    }
    return new Batch(event, ids, part, labels, kept);
  }

  /**
   * Checks that sequences whose end is learned have one end symbol each, as their last step: others
   * are no events, whatever number a model would give them.
   *
   * @return this batch
   * @throws AncestralException (DATA) if one has not; the message names its id
   */
  public Batch requireEnds() {
    for (int i = 0; event.learnedEnd() && i < size(); i++) {
      int ends = 0;
      for (int t = 0; t < lengths[i]; t++) {
        ends += values[i * steps() + t] == event.endSymbol() ? 1 : 0;
      }
      if (ends != 1 || !ends(i)) {
        throw new AncestralException(
            ErrorCode.DATA,
            "sequence "
                + ids[i]
                + " has "
                + ends
                + " end symbols among its "
                + lengths[i]
                + " steps; it must have one, as its last step: prepare the data again, or draw"
                + " with a larger length");
      }
    }
    return this;
  }

  /** Elements of example i: its length times the size of a step. */
  public long elements(int i) {
    return (long) (lengths == null ? 1 : lengths[i]) * event.size();
  }

  /** Variables of example i that are not missing: elements, or columns of rows. */
  public long observedElements(int i) {
    long steps = lengths == null ? 1 : lengths[i];
    if (!event.missing()) {
      return steps * event.variables();
    }
    Optional<RowSchema> schema = event.schema();
    if (schema.isPresent()) {
      return observedColumns(i, steps, schema.get());
    }
    int first = i * steps() * event.size();
    long observed = 0;
    for (int d = first; d < first + elements(i); d++) {
      observed += Float.isNaN(values[d]) ? 0 : 1;
    }
    return observed;
  }

  private long observedColumns(int i, long steps, RowSchema schema) {
    long observed = 0;
    for (int step = 0; step < steps; step++) {
      int row = (i * steps() + step) * event.size();
      for (int column = 0; column < schema.columns().size(); column++) {
        observed += Float.isNaN(values[row + schema.begin(column)]) ? 0 : 1;
      }
    }
    return observed;
  }
}
