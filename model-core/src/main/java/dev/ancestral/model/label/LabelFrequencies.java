package dev.ancestral.model.label;

import dev.ancestral.random.RandomKey;
import java.util.Arrays;
import java.util.List;

/**
 * p(label), as it was in the training data: what makes p(x) = Σ_c p(c) p(x | c) and p(x, c) = p(c)
 * p(x | c) of a model of p(x | label).
 */
public final class LabelFrequencies {
  private static final String DRAW = "label";

  private final double[] probabilities; // [C]

  /**
   * Frequencies in proportion to these numbers.
   *
   * @param counts of each label, [C]: at least 0 and finite, not all 0
   */
  public LabelFrequencies(List<Double> counts) {
    double total = 0;
    for (double count : counts) {
      if (!(count >= 0) || Double.isInfinite(count)) {
        throw new IllegalArgumentException(
            "a label has the frequency " + count + "; it must be at least 0");
      }
      total += count;
    }
    if (!(total > 0) || Double.isInfinite(total)) {
      throw new IllegalArgumentException(
          "the frequencies of the labels add up to " + total + "; they must to a number above 0");
    }
    double sum = total;
    probabilities = counts.stream().mapToDouble(count -> count / sum).toArray();
  }

  /** C. */
  public int classes() {
    return probabilities.length;
  }

  /** log p(c) in nats; −∞ of a label that no training example had. */
  public double logProb(int label) {
    return Math.log(probabilities[label]);
  }

  /**
   * A label drawn for each example.
   *
   * @param key the label of example id is a function of {@code key.fold(id)} alone
   */
  public int[] draw(long[] ids, RandomKey key) {
    return Arrays.stream(ids).mapToInt(id -> drawn(key.fold(id).fold(DRAW).uniform(0))).toArray();
  }

  private int drawn(double uniform) {
    double below = 0;
    int last = 0;
    for (int label = 0; label < probabilities.length; label++) {
      if (probabilities[label] > 0) {
        last = label;
        below += probabilities[label];
        if (uniform < below) {
          return label;
        }
      }
    }
    return last; // The sum may round to less than 1.
  }
}
