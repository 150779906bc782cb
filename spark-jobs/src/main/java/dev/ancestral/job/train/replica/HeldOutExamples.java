package dev.ancestral.job.train.replica;

import dev.ancestral.data.loader.ShardDataset;
import dev.ancestral.model.Batch;
import java.util.Arrays;

/**
 * The held-out examples that are looked at between rounds: those with the smallest keyed hash of
 * their id, the same for every replica and in every round. A limited number is copied out of the
 * split once; it may be far larger than memory.
 */
public final class HeldOutExamples {
  private final ShardDataset examples;
  private final long[] chosen;
  private final ShardDataset.Copies copies;

  private HeldOutExamples(ShardDataset examples, long[] chosen, boolean copied) {
    this.examples = examples;
    this.chosen = chosen;
    copies = copied ? examples.copies(chosen) : null;
  }

  public static HeldOutExamples of(TrainingContext run) {
    ShardDataset examples = new ShardDataset(run.dataset(), run.validSplit());
    int limit = run.spec().validation().limit();
    return new HeldOutExamples(examples, examples.chosen(run.key("validation"), limit), limit > 0);
  }

  /** How many there are. */
  public int size() {
    return chosen.length;
  }

  /** Numbers from (inclusive) to (exclusive). */
  public Batch batch(int from, int to) {
    return copies == null
        ? examples.batch(Arrays.copyOfRange(chosen, from, to))
        : copies.batch(from, to);
  }
}
