package dev.ancestral.data.loader;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Shard;
import dev.ancestral.data.ShardEntry;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.random.RandomKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Examples of a split by position: position p is example p of the shards laid end to end. */
public final class ShardDataset implements AutoCloseable {
  private final ShardCache cache;
  private final Dataset dataset;
  private final String split;
  private final String sha256;
  private final long[] starts;
  private final Map<Integer, MultisetHash> tallies = new HashMap<>();
  private final Map<Integer, MultisetHash> touched = new TreeMap<>();

  private ShardCache.Lease lease;
  private long waitNanos;

  public ShardDataset(Dataset dataset, String split) {
    this(dataset, split, ShardCache.shared());
  }

  /** Examples that are read through a cache other than that of the JVM. */
  public ShardDataset(Dataset dataset, String split, ShardCache cache) {
    this.cache = cache;
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
  public long size() {
    return starts[starts.length - 1];
  }

  /** The examples at these positions, in this order. */
  public Batch batch(long[] positions) {
    Map<Integer, Shard> shards = new HashMap<>();
    Shard[] source = new Shard[positions.length];
    int[] rows = new int[positions.length];
    for (int i = 0; i < positions.length; i++) {
      int index = shardOf(positions[i]);
      source[i] = shards.computeIfAbsent(index, this::shard);
      touch(index, source[i]);
      rows[i] = (int) (positions[i] - starts[index]);
    }
    return Shard.batch(dataset.event(), source, rows);
  }

  private Shard shard(int index) {
    long started = System.nanoTime();
    Shard shard = cache.shard(dataset, split, sha256, index);
    waitNanos += System.nanoTime() - started;
    return shard;
  }

  /** Time spent on waiting for shards since this was last asked. */
  public long takeWaitNanos() {
    long waited = waitNanos;
    waitNanos = 0;
    return waited;
  }

  private void touch(int index, Shard shard) {
    if (!touched.containsKey(index)) {
      touched.put(index, tallies.computeIfAbsent(index, unknown -> MultisetHash.of(shard.ids())));
    }
  }

  /** By index: every example once of each shard that a batch was taken from. */
  public Map<Integer, MultisetHash> touched() {
    return new TreeMap<>(touched);
  }

  /** From here on no batch has been taken. */
  public void forgetTouched() {
    touched.clear();
  }

  /**
   * Keeps the shards behind the windows that are being used in memory, and begins to read those
   * behind the windows that follow.
   */
  public void hold(List<DistributedSampler.Window> now, List<DistributedSampler.Window> next) {
    if (lease == null) {
      lease = cache.lease(dataset, split);
    }
    lease.hold(shardsOf(now), shardsOf(next));
  }

  /** The shards behind windows, by index. */
  public Set<Integer> shardsOf(List<DistributedSampler.Window> windows) {
    Set<Integer> indices = new LinkedHashSet<>();
    for (DistributedSampler.Window window : windows) {
      for (int index = shardOf(window.start());
          index < starts.length - 1 && starts[index] < window.end();
          index++) {
        indices.add(index);
      }
    }
    return indices;
  }

  /** Releases the shards that are held. */
  @Override
  public void close() {
    if (lease != null) {
      lease.close();
      lease = null;
    }
  }

  /** Copies of some examples, in an order of their own. */
  public static final class Copies {
    private final EventSpec event;
    private final Shard[] shards;
    private final int[] rows;

    private Copies(EventSpec event, Shard[] shards, int[] rows) {
      this.event = event;
      this.shards = shards;
      this.rows = rows;
    }

    /** Numbers from (inclusive) to (exclusive). */
    public Batch batch(int from, int to) {
      return Shard.batch(
          event, Arrays.copyOfRange(shards, from, to), Arrays.copyOfRange(rows, from, to));
    }
  }

  /**
   * Copies of the examples at these positions, in this order. Each shard is read once and then
   * released, however the positions are scattered.
   */
  public Copies copies(long[] positions) {
    Map<Integer, List<Integer>> numbers = new TreeMap<>();
    for (int i = 0; i < positions.length; i++) {
      numbers.computeIfAbsent(shardOf(positions[i]), unknown -> new ArrayList<>()).add(i);
    }
    Shard[] shards = new Shard[positions.length];
    int[] rows = new int[positions.length];
    numbers.forEach(
        (index, wanted) -> {
          int[] from =
              wanted.stream().mapToInt(i -> (int) (positions[i] - starts[index])).toArray();
          Shard copied = shard(index).select(from);
          for (int row = 0; row < from.length; row++) {
            shards[wanted.get(row)] = copied;
            rows[wanted.get(row)] = row;
          }
        });
    return new Copies(dataset.event(), shards, rows);
  }

  /**
   * The positions of the {@code limit} examples with the smallest keyed hash of their id, in that
   * order; of all examples if limit is 0.
   */
  public long[] chosen(RandomKey key, int limit) {
    record Candidate(long hash, long position) {}

    List<Candidate> candidates = new ArrayList<>();
    for (int index = 0; index < starts.length - 1; index++) {
      Shard shard = shard(index);
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
