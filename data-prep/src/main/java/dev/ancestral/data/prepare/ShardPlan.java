package dev.ancestral.data.prepare;

import dev.ancestral.data.Payload;
import dev.ancestral.model.EventSpec;
import java.io.Serializable;
import java.util.Locale;

/** Which shard each example goes to: shards of all splits in one numbering. */
final class ShardPlan implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int BY_DEFAULT = 10_000;
  private static final long MOST_BYTES = 256L << 20;

  private final SplitPlan splits;
  private final int shardSize;
  // Number of the first shard of each split, and the number of all.
  private final int[] first;

  ShardPlan(SplitPlan splits, int shardSize) {
    this.splits = splits;
    this.shardSize = shardSize;
    long[] counts = splits.ranks(splits.examples());
    first = new int[counts.length + 1];
    for (int s = 0; s < counts.length; s++) {
      first[s + 1] = Math.toIntExact(first[s] + (counts[s] + shardSize - 1) / shardSize);
    }
  }

  /** Examples of a shard where the user does not say: fewer where examples are large. */
  static int defaultSize(EventSpec event) {
    long fit = event.variableLength() ? BY_DEFAULT : MOST_BYTES / Payload.stepBytes(event);
    return (int) Math.max(1, Math.min(BY_DEFAULT, fit));
  }

  SplitPlan splits() {
    return splits;
  }

  /** Number of all shards. */
  int shards() {
    return first[first.length - 1];
  }

  /** Shard of the example that has so many of its split before it. */
  int shard(int split, long rank) {
    return first[split] + Math.toIntExact(rank / shardSize);
  }

  /** Name of the split of a shard. */
  String split(int shard) {
    int split = 0;
    while (shard >= first[split + 1]) {
      split++;
    }
    return SplitRule.NAMES.get(split);
  }

  /** Path of a shard relative to the dataset. */
  String file(int shard) {
    return file("shard", shard);
  }

  /** Path of the file of the keys of the examples of a shard. */
  String keyFile(int shard) {
    return file("keys", shard);
  }

  private String file(String what, int shard) {
    String split = split(shard);
    return String.format(
        Locale.ROOT,
        "%s/%s-%05d.parquet",
        split,
        what,
        shard - first[SplitRule.NAMES.indexOf(split)]);
  }
}
