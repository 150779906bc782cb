package dev.ancestral.model.quality;

import dev.ancestral.model.Batch;

/**
 * The nearest-mean classifier: an example belongs to the class whose mean is nearest in the
 * Euclidean sense, which is naive Bayes with one spherical Gaussian a class.
 */
public final class ClassMeans {
  private final int classes;
  private final int elements;
  private final double[] sums; // [C, D]
  private final long[] counts; // [C]

  /** Of no examples yet. */
  public ClassMeans(int classes, int elements) {
    this.classes = classes;
    this.elements = elements;
    sums = new double[Math.multiplyExact(classes, elements)];
    counts = new long[classes];
  }

  /** Adds labelled examples of fixed shape. */
  public void add(Batch examples) {
    for (int i = 0; i < examples.size(); i++) {
      int label = examples.labels()[i];
      counts[label]++;
      for (int d = 0; d < elements; d++) {
        sums[label * elements + d] += examples.values()[i * elements + d];
      }
    }
  }

  /**
   * The class of one example; of the smaller number among equals.
   *
   * @param values that hold its elements
   * @param at where they begin
   * @return a class of which examples were added, or −1 if there is none
   */
  public int nearest(float[] values, int at) {
    int nearest = -1;
    double least = Double.POSITIVE_INFINITY;
    for (int c = 0; c < classes; c++) {
      if (counts[c] == 0) {
        continue;
      }
      double distance = 0;
      for (int d = 0; d < elements; d++) {
        double difference = values[at + d] - sums[c * elements + d] / counts[c];
        distance += difference * difference;
      }
      if (distance < least) {
        least = distance;
        nearest = c;
      }
    }
    return nearest;
  }
}
