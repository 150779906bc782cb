package dev.ancestral.model.quality;

import java.io.Serializable;

/** How many draws a classifier gave to each class; counts add up over processes. */
public final class ModeCounts implements Serializable {
  private static final long serialVersionUID = 1L;

  private final long[] counts;

  /** Of no draws yet. */
  public ModeCounts(int classes) {
    counts = new long[classes];
  }

  /** Counts a draw; one that belongs to no class (a negative number) is left out. */
  public void add(int label) {
    if (label >= 0) {
      counts[label]++;
    }
  }

  /** Adds everything that the other has seen; the other is left as it was. */
  public void merge(ModeCounts other) {
    for (int c = 0; c < counts.length; c++) {
      counts[c] += other.counts[c];
    }
  }

  /** How many draws were counted. */
  public long total() {
    long total = 0;
    for (long count : counts) {
      total += count;
    }
    return total;
  }

  /**
   * How many classes appear: those with at least a tenth of an even share of the draws, so that a
   * few misjudged draws make no class.
   */
  public int covered() {
    long total = total();
    int covered = 0;
    for (long count : counts) {
      if (count > 0 && 10 * count * counts.length >= total) {
        covered++;
      }
    }
    return covered;
  }

  /**
   * −Σ p log p of the shares p of the classes, in nats: log C where all appear equally often, 0
   * where all draws are of one class.
   */
  public double entropyNats() {
    long total = total();
    double entropy = 0;
    for (long count : counts) {
      if (count > 0) {
        double share = (double) count / total;
        entropy -= share * Math.log(share);
      }
    }
    return entropy;
  }
}
