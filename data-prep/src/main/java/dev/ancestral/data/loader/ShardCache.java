package dev.ancestral.data.loader;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Shard;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/**
 * Decoded shards, shared by the replicas of a JVM and kept between rounds, so that data which fit
 * are read once and data which do not are read ahead of their use.
 *
 * <p>A reader holds a {@link Lease} on the shards that it works on and names those it will need
 * next. The first are read at once and stay, whatever the budget, because every batch draws from
 * all of them; the next are read in the background as long as everything held stays below the
 * ceiling. Of the rest, what was used longest ago goes first when more than the budget is held.
 */
public final class ShardCache {
  private record Key(String dataset, String sha256, int index) {}

  /** A shard that a lease speaks of, with what it takes to read it. */
  private record Wanted(Key key, Dataset dataset, String split) {
    long estimate() {
      return dataset.memoryEstimate(split, key.index());
    }
  }

  private static final int MOST_READERS = 4;
  private static final ShardCache SHARED = ofHeap(Runtime.getRuntime().maxMemory());

  private final long budget;
  private final long ceiling;
  private final int readers;
  private final Executor background;
  private final Map<Key, CompletableFuture<Shard>> shards = new LinkedHashMap<>(16, 0.75f, true);
  private final Set<Lease> leases = new LinkedHashSet<>();
  private int reading;
  private long readingBytes;

  /**
   * A cache.
   *
   * @param budget bytes that are kept of shards that are not in use
   * @param ceiling bytes held in all above which nothing is read ahead
   * @param readers shards that are read in the background at a time
   */
  public ShardCache(long budget, long ceiling, int readers) {
    this.budget = budget;
    this.ceiling = ceiling;
    this.readers = readers;
    background =
        Executors.newFixedThreadPool(
            readers,
            work -> {
              Thread thread = new Thread(work, "shard-prefetch");
              thread.setDaemon(true);
              return thread;
            });
  }

  /** A quarter of the heap is kept, and no more than half of it is filled by reading ahead. */
  private static ShardCache ofHeap(long bytes) {
    int cores = Runtime.getRuntime().availableProcessors();
    return new ShardCache(bytes / 4, bytes / 2, Math.max(1, Math.min(MOST_READERS, cores / 2)));
  }

  /** The cache of this JVM. */
  public static ShardCache shared() {
    return SHARED;
  }

  /**
   * A shard, read and verified if it is not here.
   *
   * @param sha256 of the split, which tells datasets at one place apart
   */
  public Shard shard(Dataset dataset, String split, String sha256, int index) {
    Wanted wanted = new Wanted(new Key(dataset.uri(), sha256, index), dataset, split);
    CompletableFuture<Shard> mine = new CompletableFuture<>();
    CompletableFuture<Shard> present;
    synchronized (this) {
      present = shards.putIfAbsent(wanted.key(), mine);
    }
    if (present == null) {
      read(wanted, mine);
      present = mine;
    }
    try {
      return present.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  /** Bytes of heap that the shards take. */
  public synchronized long heldBytes() {
    return shards.values().stream().mapToLong(ShardCache::memory).sum();
  }

  /** A right to shards of one split, which stay in memory while it lasts. */
  public Lease lease(Dataset dataset, String split) {
    return new Lease(dataset, split);
  }

  /** What one reader works on, and what it will need next. */
  public final class Lease implements AutoCloseable {
    private final Dataset dataset;
    private final String split;
    private final String sha256;
    private List<Wanted> now = List.of();
    private List<Wanted> next = List.of();

    private Lease(Dataset dataset, String split) {
      this.dataset = dataset;
      this.split = split;
      this.sha256 = dataset.sha256(split);
    }

    /**
     * Replaces what is held, and begins to read what is missing.
     *
     * @param now indices of the shards that are being used
     * @param next indices of those that will be, in the order of their use
     */
    public void hold(Set<Integer> now, Set<Integer> next) {
      synchronized (ShardCache.this) {
        leases.add(this);
        this.now = wanted(now);
        this.next = wanted(next);
        evict();
        readAhead();
      }
    }

    private List<Wanted> wanted(Set<Integer> indices) {
      return indices.stream()
          .map(index -> new Wanted(new Key(dataset.uri(), sha256, index), dataset, split))
          .toList();
    }

    @Override
    public void close() {
      synchronized (ShardCache.this) {
        leases.remove(this);
        evict();
        readAhead();
      }
    }
  }

  /** Gives the background as much to do as it has threads and memory has room. */
  private void readAhead() {
    assert Thread.holdsLock(this);
    List<Wanted> order = new ArrayList<>();
    leases.forEach(lease -> order.addAll(lease.now));
    int urgent = order.size();
    leases.forEach(lease -> order.addAll(lease.next));
    long held = heldBytes();
    for (int i = 0; i < order.size() && reading < readers; i++) {
      Wanted wanted = order.get(i);
      if (shards.containsKey(wanted.key())) {
        continue;
      }
      long estimate = wanted.estimate();
      if (i >= urgent && held + readingBytes + estimate > ceiling) {
        return; // In their order: what is needed first comes first.
      }
      CompletableFuture<Shard> mine = new CompletableFuture<>();
      shards.put(wanted.key(), mine);
      reading++;
      readingBytes += estimate;
      background.execute(() -> readInBackground(wanted, mine, estimate));
    }
  }

  private void readInBackground(Wanted wanted, CompletableFuture<Shard> into, long estimate) {
    read(wanted, into);
    synchronized (this) {
      reading--;
      readingBytes -= estimate;
      // After a failure the reader itself tries again and tells.
      if (!into.isCompletedExceptionally()) {
        readAhead();
      }
    }
  }

  private void read(Wanted wanted, CompletableFuture<Shard> into) {
    try {
      into.complete(wanted.dataset().shard(wanted.split(), wanted.key().index()));
      synchronized (this) {
        evict();
      }
    } catch (RuntimeException | Error e) { // A waiting reader must hear of it, whatever it is.
      synchronized (this) {
        shards.remove(wanted.key());
      }
      into.completeExceptionally(e);
    }
  }

  private void evict() {
    assert Thread.holdsLock(this);
    Set<Key> held = new HashSet<>();
    for (Lease lease : leases) {
      lease.now.forEach(wanted -> held.add(wanted.key()));
      lease.next.forEach(wanted -> held.add(wanted.key()));
    }
    long bytes = heldBytes();
    var oldest = shards.entrySet().iterator();
    while (bytes > budget && oldest.hasNext()) {
      Map.Entry<Key, CompletableFuture<Shard>> entry = oldest.next();
      long memory = memory(entry.getValue());
      if (memory > 0 && !held.contains(entry.getKey()) && shards.size() > 1) {
        oldest.remove();
        bytes -= memory;
      }
    }
  }

  private static long memory(CompletableFuture<Shard> shard) {
    return shard.isDone() && !shard.isCompletedExceptionally() ? shard.join().memoryBytes() : 0;
  }
}
