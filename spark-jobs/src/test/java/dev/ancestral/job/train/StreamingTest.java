package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.config.Settings;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.ShardEntry;
import dev.ancestral.data.Storage;
import dev.ancestral.data.loader.DistributedSampler;
import dev.ancestral.data.loader.ShardCache;
import dev.ancestral.data.loader.ShardDataset;
import dev.ancestral.job.train.audit.EpochAudit;
import dev.ancestral.job.train.audit.EpochAuditEntry;
import dev.ancestral.job.train.replica.DataLoader;
import dev.ancestral.job.train.replica.TrainingContext;
import dev.ancestral.job.train.spec.ModelConfig;
import dev.ancestral.job.train.spec.TrainSpec;
import dev.ancestral.model.Network;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Data that memory does not hold, in shards of 70, 41, 90 and 22 examples and windows of 32. */
class StreamingTest {
  private static final int WINDOW = 32;
  private static final int EPOCHS = 3;

  @TempDir Path folder;
  private Dataset dataset;

  @BeforeEach
  void data() {
    Storage storage = new Storage(new Configuration());
    dataset = TrainingFixture.dataset(storage, folder.resolve("data").toString());
  }

  private TrainingContext run(int replicas) {
    ModelConfig recipe =
        ModelConfig.of("vae", Map.of("hidden", List.of(8), "latent", 2), dataset.event(), "none");
    TrainSpec spec = TrainSpec.read(Settings.of(TrainingFixture.train()));
    DistributedSampler shares =
        new DistributedSampler(
            dataset.split("train").examples(), replicas, spec.batchSize(), WINDOW);
    return new TrainingContext(
        "streaming",
        11,
        recipe,
        spec,
        replicas,
        new Storage(new Configuration()),
        folder.toString(),
        dataset,
        "train",
        null,
        shares,
        EPOCHS * shares.stepsPerEpoch(),
        null,
        null);
  }

  private static ShardCache nothingKept() {
    return new ShardCache(0, 0, 1);
  }

  private static ShardCache everythingKept() {
    return new ShardCache(Long.MAX_VALUE, Long.MAX_VALUE, 2);
  }

  /** What all replicas handed out in the whole training. */
  private List<EpochAuditEntry> pages(TrainingContext run, ShardCache cache) {
    List<EpochAuditEntry> pages = new ArrayList<>();
    for (int replica = 0; replica < run.replicas(); replica++) {
      try (DataLoader batches =
          new DataLoader(run, replica, (Network) run.recipe().define(), cache)) {
        batches.begin();
        for (long step = 0; step < run.totalSteps(); step++) {
          if (run.shares().count(replica, step) > 0) {
            batches.batch(step);
          }
        }
        pages.add(batches.ledger());
      }
    }
    return pages;
  }

  @ParameterizedTest(name = "R = {0}")
  @ValueSource(ints = {1, 2, 3, 5})
  void uneven_shards_are_seen_once_an_epoch_in_equal_steps_whatever_the_memory(int replicas) {
    TrainingContext run = run(replicas);
    List<EpochAuditEntry> streamed = pages(run, nothingKept());
    List<EpochAuditEntry> held = pages(run, everythingKept());
    assertEquals(
        held.stream().map(EpochAuditEntry::order).toList(),
        streamed.stream().map(EpochAuditEntry::order).toList());
    long perEpoch = run.shares().stepsPerEpoch();
    EpochAudit.begun(0, perEpoch).after(streamed, dataset.split("train"), EPOCHS);
    for (int replica = 0; replica < replicas; replica++) {
      long steps = 0;
      for (long step = 0; step < perEpoch; step++) {
        steps += run.shares().count(replica, step) > 0 ? 1 : 0;
      }
      assertTrue(perEpoch - steps <= 1, "replica " + replica + " takes " + steps + " steps");
    }
  }

  /** Every batch draws from all shards of its window: letting go of them would read them again. */
  @Test
  void a_shard_is_read_once_a_window_even_if_nothing_is_kept() {
    TrainingContext run = run(2);
    long before = bytesRead();
    pages(run, nothingKept());
    long read = bytesRead() - before;
    long windows = 0;
    for (int replica = 0; replica < run.replicas(); replica++) {
      for (int epoch = 0; epoch < EPOCHS; epoch++) {
        windows += bytesOfWindows(run.shares().order(run.key("data"), replica, epoch));
      }
    }
    assertTrue(read <= windows, read + " bytes were read for windows of " + windows);
    before = bytesRead();
    pages(run, everythingKept());
    long once = dataset.split("train").shards().stream().mapToLong(ShardEntry::bytes).sum();
    assertEquals(once, bytesRead() - before);
  }

  /** Bytes of the shards behind each window, one window after another. */
  private long bytesOfWindows(DistributedSampler.EpochPermutation order) {
    ShardDataset examples = new ShardDataset(dataset, "train");
    List<ShardEntry> shards = dataset.split("train").shards();
    long bytes = 0;
    for (int visit = 0; visit < order.windows(); visit++) {
      for (int index : examples.shardsOf(List.of(order.window(visit)))) {
        bytes += shards.get(index).bytes();
      }
    }
    return bytes;
  }

  @Test
  void what_comes_next_is_read_before_anybody_asks_and_not_beyond_the_ceiling()
      throws InterruptedException {
    long first = memory(0);
    long second = memory(1);
    ShardCache roomy = new ShardCache(0, Long.MAX_VALUE, 1);
    try (ShardCache.Lease lease = roomy.lease(dataset, "train")) {
      lease.hold(Set.of(0), Set.of(1));
      awaitHeld(roomy, first + second);
      lease.hold(Set.of(1), Set.of());
      assertEquals(second, roomy.heldBytes());
    }
    ShardCache tight = new ShardCache(0, first + second / 2, 1);
    try (ShardCache.Lease lease = tight.lease(dataset, "train")) {
      lease.hold(Set.of(0), Set.of(1));
      awaitHeld(tight, first);
      lease.hold(Set.of(0), Set.of(1));
      assertEquals(first, tight.heldBytes());
      lease.hold(Set.of(1), Set.of());
      awaitHeld(tight, second);
    }
  }

  /** Every number of an order lies in the window that its visit names. */
  @Test
  void windows_hold_the_positions_of_their_visits() {
    TrainingContext run = run(3);
    for (int replica = 0; replica < 3; replica++) {
      DistributedSampler.EpochPermutation order = run.shares().order(run.key("data"), replica, 1);
      long size = run.shares().size(replica);
      long[] positions = order.positions(0, size);
      Map<Integer, Integer> seen = new TreeMap<>();
      for (int at = 0; at < size; at++) {
        int visit = order.visit(at);
        DistributedSampler.Window window = order.window(visit);
        assertTrue(window.start() <= positions[at] && positions[at] < window.end());
        seen.merge(visit, 1, Integer::sum);
      }
      assertEquals(order.windows(), seen.size());
    }
  }

  private long memory(int index) {
    return dataset.shard("train", index).memoryBytes();
  }

  private static void awaitHeld(ShardCache cache, long bytes) throws InterruptedException {
    for (int turn = 0; turn < 1000 && cache.heldBytes() != bytes; turn++) {
      Thread.sleep(10);
    }
    assertEquals(bytes, cache.heldBytes());
  }

  private static long bytesRead() {
    return FileSystem.getGlobalStorageStatistics().get("file").getLong("bytesRead");
  }
}
