package dev.ancestral.data.source;

import dev.ancestral.random.RandomKey;
import java.util.List;

/** Draws of a test one after another, the same in every run. */
public final class RandomDraws {
  private final RandomKey key;
  private long index;

  public RandomDraws(long seed) {
    key = RandomKey.of(seed);
  }

  /** A whole number from 0 to bound − 1. */
  public int below(int bound) {
    return (int) key.below(index++, bound);
  }

  /** A whole number from least to most. */
  public int between(int least, int most) {
    return least + below(most - least + 1);
  }

  public boolean chance(double probability) {
    return uniform() < probability;
  }

  /** From 0 to 1. */
  public double uniform() {
    return key.uniform(index++);
  }

  @SafeVarargs
  public final <T> T one(T... choices) {
    return choices[below(choices.length)];
  }

  public <T> T one(List<T> choices) {
    return choices.get(below(choices.size()));
  }
}
