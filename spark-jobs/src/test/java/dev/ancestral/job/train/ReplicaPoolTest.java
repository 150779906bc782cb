package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.data.loader.DistributedSampler;
import dev.ancestral.job.train.replica.ReplicaPool;
import dev.ancestral.job.train.replica.TrainingContext;
import dev.ancestral.job.train.spec.ModelConfig;
import dev.ancestral.job.train.spec.TrainSpec;
import dev.ancestral.tensor.Device;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What tasks have done by replicas that stay in their process. */
class ReplicaPoolTest {
  @TempDir Path folder;
  private TrainingContext run;

  @BeforeEach
  void prepare() {
    Storage storage = new Storage(new Configuration());
    Dataset dataset = TrainingFixture.dataset(storage, folder.resolve("data").toString());
    TrainSpec spec = TrainSpec.read(Settings.of(TrainingFixture.train()));
    run =
        new TrainingContext(
            "resident",
            1,
            ModelConfig.of(
                "vae", Map.of("hidden", List.of(8), "latent", 2), dataset.event(), "none"),
            spec,
            1,
            storage,
            folder.toString(),
            dataset,
            "train",
            null,
            DistributedSampler.of(
                dataset.split("train").examples(), 1, spec.batchSize(), dataset.event().size()),
            10,
            null,
            null);
  }

  @AfterEach
  void release() {
    ReplicaPool.release(run.id());
  }

  @Test
  void a_replica_does_not_stay_on_a_device_that_its_task_was_not_given() {
    assertFalse(ReplicaPool.with(run, 0, Device.cpu(), Objects::isNull, () -> {}));
    AncestralException absent =
        assertThrows(
            AncestralException.class,
            () -> ReplicaPool.with(run, 0, Device.cuda(99), Objects::isNull, () -> {}));
    assertTrue(absent.getMessage().startsWith("device cuda:99 is not there"));
  }

  /** Spark kills the tasks of a barrier stage within a millisecond where another one was lost. */
  @Test
  void a_task_that_is_killed_before_its_work_begins_ends_that_work_and_no_other() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch enough = new CountDownLatch(1);
    CompletableFuture<String> before =
        CompletableFuture.supplyAsync(
            () ->
                with(
                    () -> {
                      begun.countDown();
                      return waitFor(enough);
                    },
                    () -> {}));
    begun.await();
    CountDownLatch told = new CountDownLatch(1);
    CompletableFuture<String> killed =
        CompletableFuture.supplyAsync(
            () -> {
              Thread.currentThread().interrupt();
              return with(() -> waitFor(new CountDownLatch(1)), told::countDown);
            },
            task -> new Thread(task).start());
    // It looks several times whether it was killed.
    assertFalse(told.await(300, TimeUnit.MILLISECONDS));
    enough.countDown();
    assertEquals("done", before.get());
    assertEquals("interrupted", killed.get());
    assertEquals(0, told.getCount());
  }

  private String with(Supplier<String> work, Runnable killed) {
    return ReplicaPool.with(run, 0, Device.cpu(), replica -> work.get(), killed);
  }

  private static String waitFor(CountDownLatch latch) {
    try {
      return latch.await(20, TimeUnit.SECONDS) ? "done" : "waited in vain";
    } catch (InterruptedException e) {
      return "interrupted";
    }
  }
}
