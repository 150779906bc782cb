package dev.ancestral.job.twosample;

import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import java.io.Serializable;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * Examples as vectors of one length, between which there is a distance.
 *
 * <ul>
 *   <li>Levels are divided by the largest one; real numbers stay as they are; a missing element is
 *       zero in both samples.
 *   <li>Of events with more than {@value #MOST_ELEMENTS} elements, as many are taken at even
 *       distances.
 *   <li>Of sequences the first steps are taken, up to {@value #MOST_ELEMENTS_OF_SEQUENCES}
 *       elements, and shorter ones padded with zeros.
 *   <li>The codes of text are names and no quantities: a text becomes the square roots of the
 *       frequencies of its characters and, in {@value #PAIRS} classes, of its pairs.
 * </ul>
 *
 * @param event what an example is
 * @param steps of a sequence that are taken; 1 for events of fixed shape
 */
record ExampleVectors(EventSpec event, int steps) implements Serializable {
  private static final long serialVersionUID = 1L;
  static final int MOST_ELEMENTS = 4096;
  static final int MOST_ELEMENTS_OF_SEQUENCES = 2048;
  static final int PAIRS = 512;

  /** Of as many steps as are taken at most. */
  static ExampleVectors of(EventSpec event) {
    return new ExampleVectors(
        event, event.variableLength() ? Math.max(1, MOST_ELEMENTS_OF_SEQUENCES / event.size()) : 1);
  }

  /** What is asked of a sampler to draw as many steps. */
  OptionalInt length() {
    return event.variableLength() ? OptionalInt.of(steps) : OptionalInt.empty();
  }

  /** How many steps of example i of a batch are taken. */
  int length(Batch batch, int i) {
    return batch.lengths() == null ? 1 : Math.min(steps, batch.lengths()[i]);
  }

  /**
   * How many steps of a draw count: its own where the model learns ends, else those of the example
   * that it is compared with.
   *
   * @param raw of {@link #raw}
   * @param partner steps of that example
   */
  int length(float[] raw, int partner) {
    if (!event.learnedEnd()) {
      return partner;
    }
    for (int t = 0; t < raw.length; t++) {
      if (raw[t] == event.endSymbol()) {
        return t + 1;
      }
    }
    return raw.length;
  }

  /** The elements of example i that are taken, as they are, padded with zeros. */
  float[] raw(Batch batch, int i) {
    int stride = stride();
    int from = i * batch.steps() * event.size();
    int elements = length(batch, i) * event.size();
    float[] raw = new float[elementsTaken()];
    for (int d = 0; d * stride < elements && d < raw.length; d++) {
      raw[d] = batch.values()[from + d * stride];
    }
    return raw;
  }

  /**
   * The vector of some elements.
   *
   * @param raw of {@link #raw}, possibly of more steps
   * @param length steps that count
   * @param partner the raw elements of an example whose missing elements are missing here too, or
   *     null
   */
  float[] vector(float[] raw, int length, float[] partner) {
    float[] elements = Arrays.copyOf(raw, elementsTaken());
    if (event.variableLength()) {
      Arrays.fill(elements, Math.min(elements.length, length * event.size()), elements.length, 0);
    }
    if (!event.vocabulary().isEmpty()) {
      return frequencies(elements, length);
    }
    float scale = event.isDiscrete() ? 1f / (event.levels() - 1) : 1;
    for (int d = 0; d < elements.length; d++) {
      boolean missing = Float.isNaN(elements[d]) || (partner != null && Float.isNaN(partner[d]));
      elements[d] = missing ? 0 : elements[d] * scale;
    }
    return elements;
  }

  private float[] frequencies(float[] codes, int length) {
    int levels = event.levels();
    float[] counts = new float[levels + PAIRS];
    for (int t = 0; t < length; t++) {
      int code = (int) codes[t];
      counts[code]++;
      if (t > 0) {
        int before = (int) codes[t - 1];
        long pair = (long) before * levels + code;
        // Fibonacci hashing: neighbours go far apart.
        counts[levels + (int) ((pair * 0x9E3779B97F4A7C15L) >>> 55)]++;
      }
    }
    for (int i = 0; i < counts.length; i++) {
      counts[i] = (float) Math.sqrt(counts[i] / Math.max(1, length));
    }
    return counts;
  }

  private int stride() {
    return event.variableLength() ? 1 : (event.size() + MOST_ELEMENTS - 1) / MOST_ELEMENTS;
  }

  private int elementsTaken() {
    int stride = stride();
    return steps * ((event.size() + stride - 1) / stride);
  }
}
