package dev.ancestral.job.train;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Shard;
import dev.ancestral.data.ShardEntry;
import dev.ancestral.model.Batch;
import dev.ancestral.random.RandomKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Examples of a split by position: position p is example p of the shards laid end to end. */
final class Examples {
  private final Dataset dataset;
  private final String split;
  private final String sha256;
  private final long[] starts;
  private final Map<Integer, Tally> tallies = new HashMap<>();
  private final Map<Integer, Tally> touched = new TreeMap<>();

  Examples(Dataset dataset, String split) {
    this.dataset = dataset;
    this.split = split;
    this.sha256 = dataset.sha256(split);
    List<ShardEntry> shards = dataset.split(split).shards();
    starts = new long[shards.size() + 1];
    for (int i = 0; i < shards.size(); i++) {
      starts[i + 1] = starts[i] + shards.get(i).examples();
    }
  }

  /** Number of positions. */
  long size() {
    return starts[starts.length - 1];
  }

  /** The examples at these positions, in this order. */
  Batch batch(long[] positions) {
    Map<Integer, Shard> shards = new HashMap<>();
    Shard[] source = new Shard[positions.length];
    int[] rows = new int[positions.length];
    for (int i = 0; i < positions.length; i++) {
      int index = shardOf(positions[i]);
      source[i] =
          shards.computeIfAbsent(
              index, missing -> ShardCache.shared().shard(dataset, split, sha256, missing));
      touch(index, source[i]);
      rows[i] = (int) (positions[i] - starts[index]);
    }
    return Shard.batch(dataset.event(), source, rows);
  }

  private void touch(int index, Shard shard) {
    if (!touched.containsKey(index)) {
      touched.put(index, tallies.computeIfAbsent(index, unknown -> Tally.of(shard.ids())));
    }
  }

  /** By index: every example once of each shard that a batch was taken from. */
  Map<Integer, Tally> touched() {
    return new TreeMap<>(touched);
  }

  /** From here on no batch has been taken. */
  void forgetTouched() {
    touched.clear();
  }

  /** Begins to read the shards behind the positions [from, to). */
  void prefetch(long from, long to) {
    for (int index = shardOf(from); index < starts.length - 1 && starts[index] < to; index++) {
      ShardCache.shared().prefetch(dataset, split, sha256, index);
    }
  }

  /**
   * The positions of the {@code limit} examples with the smallest keyed hash of their id, in that
   * order; of all examples if limit is 0.
   */
  long[] chosen(RandomKey key, int limit) {
    record Candidate(long hash, long position) {}

    List<Candidate> candidates = new ArrayList<>();
    for (int index = 0; index < starts.length - 1; index++) {
      Shard shard = ShardCache.shared().shard(dataset, split, sha256, index);
      for (int row = 0; row < shard.size(); row++) {
        candidates.add(new Candidate(key.bits(shard.id(row)), starts[index] + row));
      }
    }
    return candidates.stream()
        .sorted(
            (a, b) ->
                a.hash() != b.hash()
                    ? Long.compareUnsigned(a.hash(), b.hash())
                    : Long.compare(a.position(), b.position()))
        .limit(limit == 0 ? Long.MAX_VALUE : limit)
        .mapToLong(Candidate::position)
        .toArray();
  }

  private int shardOf(long position) {
    int found = Arrays.binarySearch(starts, position);
    int index = found >= 0 ? found : -found - 2;
    while (starts[index + 1] == position) {
      index++;
    }
    return index;
  }
}
