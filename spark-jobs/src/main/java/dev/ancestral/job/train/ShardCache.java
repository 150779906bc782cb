package dev.ancestral.job.train;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Shard;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Decoded shards, shared by the replicas of a JVM and kept between rounds: the ones used longest
 * ago go first when they exceed a quarter of the heap.
 */
final class ShardCache {
  private record Key(String dataset, String sha256, int index) {}

  private static final ShardCache SHARED = new ShardCache(Runtime.getRuntime().maxMemory() / 4);

  private final long budget;
  private final Map<Key, CompletableFuture<Shard>> shards = new LinkedHashMap<>(16, 0.75f, true);
  private final ExecutorService loader =
      Executors.newSingleThreadExecutor(
          work -> {
            Thread thread = new Thread(work, "shard-prefetch");
            thread.setDaemon(true);
            return thread;
          });

  ShardCache(long budget) {
    this.budget = budget;
  }

  /** The cache of this JVM. */
  static ShardCache shared() {
    return SHARED;
  }

  /**
   * A shard, read and verified if it is not here.
   *
   * @param sha256 of the split, which tells datasets at one place apart
   */
  Shard shard(Dataset dataset, String split, String sha256, int index) {
    Key key = new Key(dataset.uri(), sha256, index);
    CompletableFuture<Shard> mine = new CompletableFuture<>();
    CompletableFuture<Shard> present;
    synchronized (shards) {
      present = shards.putIfAbsent(key, mine);
    }
    if (present == null) {
      load(key, mine, dataset, split);
      present = mine;
    }
    try {
      return present.join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  /** Begins to read a shard that will be needed soon. */
  void prefetch(Dataset dataset, String split, String sha256, int index) {
    Key key = new Key(dataset.uri(), sha256, index);
    CompletableFuture<Shard> mine = new CompletableFuture<>();
    synchronized (shards) {
      if (shards.putIfAbsent(key, mine) != null) {
        return;
      }
    }
    loader.execute(() -> load(key, mine, dataset, split));
  }

  private void load(Key key, CompletableFuture<Shard> into, Dataset dataset, String split) {
    try {
      into.complete(dataset.shard(split, key.index()));
      evict();
    } catch (RuntimeException e) {
      synchronized (shards) {
        shards.remove(key);
      }
      into.completeExceptionally(e);
    }
  }

  private void evict() {
    synchronized (shards) {
      long held = 0;
      for (CompletableFuture<Shard> shard : shards.values()) {
        held += memory(shard);
      }
      var oldest = shards.entrySet().iterator();
      while (held > budget && oldest.hasNext()) {
        long memory = memory(oldest.next().getValue());
        if (memory > 0 && shards.size() > 1) {
          oldest.remove();
          held -= memory;
        }
      }
    }
  }

  private static long memory(CompletableFuture<Shard> shard) {
    return shard.isDone() && !shard.isCompletedExceptionally() ? shard.join().memoryBytes() : 0;
  }
}
