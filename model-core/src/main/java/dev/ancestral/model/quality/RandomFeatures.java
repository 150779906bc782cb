package dev.ancestral.model.quality;

import dev.ancestral.model.EventSpec;
import dev.ancestral.random.RandomKey;

/**
 * Fixed random features of an example: f_i(x) = max(0, w_i · y + b_i), where y is x with discrete
 * levels scaled to [−1, 1] (and x itself where it is continuous), w_i ~ N(0, I / D), b_i ~ N(0, 1).
 *
 * <p>A function of the key and the event alone, so every process has the same features.
 */
public final class RandomFeatures {
  private final int count; // F
  private final int elements; // D
  private final int levels;
  private final float[] weights; // [F, D]
  private final float[] biases; // [F]

  /**
   * Features of such examples.
   *
   * @param event of fixed shape
   * @param count F
   */
  public RandomFeatures(RandomKey key, EventSpec event, int count) {
    if (event.variableLength() || count < 1) {
      throw new IllegalArgumentException(
          count
              + " features of "
              + event.describe()
              + "; there must be at least one, of examples of fixed shape");
    }
    this.count = count;
    elements = event.size();
    levels = event.levels();
    weights = new float[Math.multiplyExact(count, elements)];
    biases = new float[count];
    key.fold("weights").fillNormal(0, weights, 0, weights.length);
    key.fold("biases").fillNormal(0, biases, 0, count);
    float scale = (float) (1 / Math.sqrt(elements));
    for (int i = 0; i < weights.length; i++) {
      weights[i] *= scale;
    }
  }

  /** How many they are, F. */
  public int count() {
    return count;
  }

  /**
   * The features of one example.
   *
   * @param values that hold its elements
   * @param at where they begin
   * @return [F]
   */
  public double[] of(float[] values, int at) {
    float[] y = new float[elements];
    for (int d = 0; d < elements; d++) {
      float x = values[at + d];
      y[d] = levels == 0 ? x : 2 * x / (levels - 1) - 1;
    }
    double[] features = new double[count];
    for (int i = 0; i < count; i++) {
      int row = i * elements;
      double sum = biases[i];
      for (int d = 0; d < elements; d++) {
        sum += weights[row + d] * y[d];
      }
      features[i] = Math.max(0, sum);
    }
    return features;
  }
}
