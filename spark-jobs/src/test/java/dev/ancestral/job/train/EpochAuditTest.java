package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.config.Settings;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.Storage;
import dev.ancestral.data.loader.DistributedSampler;
import dev.ancestral.data.loader.MultisetHash;
import dev.ancestral.job.train.audit.EpochAudit;
import dev.ancestral.job.train.audit.EpochAuditEntry;
import dev.ancestral.job.train.audit.EpochAuditException;
import dev.ancestral.job.train.replica.DataLoader;
import dev.ancestral.job.train.replica.TrainingContext;
import dev.ancestral.job.train.spec.ModelConfig;
import dev.ancestral.job.train.spec.TrainSpec;
import dev.ancestral.model.Network;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The books balance for real batches, and for nothing else. */
class EpochAuditTest {
  private static final int ROUND = 4;

  @TempDir Path folder;
  private Storage storage;
  private Dataset dataset;

  @BeforeEach
  void data() {
    storage = new Storage(new Configuration());
    dataset = TrainingFixture.dataset(storage, folder.resolve("data").toString());
  }

  private DatasetManifest.Split split() {
    return dataset.split("train");
  }

  private TrainingContext run(int replicas) {
    ModelConfig recipe =
        ModelConfig.of("vae", Map.of("hidden", List.of(8), "latent", 2), dataset.event(), "none");
    TrainSpec spec = TrainSpec.read(Settings.of(TrainingFixture.train()));
    DistributedSampler shares =
        DistributedSampler.of(split().examples(), replicas, spec.batchSize(), 100);
    return new TrainingContext(
        "ledger",
        11,
        recipe,
        spec,
        replicas,
        storage,
        folder.toString(),
        dataset,
        "train",
        null,
        shares,
        3 * shares.stepsPerEpoch(),
        null,
        null);
  }

  /** A step that a replica takes in the place of the one whose turn it is. */
  private interface Mishap {
    long[] instead(int replica, long step);
  }

  /** Goes through two epochs and a half, round by round. */
  private EpochAudit keep(TrainingContext run, Mishap mishap) {
    List<DataLoader> replicas = new ArrayList<>();
    for (int replica = 0; replica < run.replicas(); replica++) {
      replicas.add(new DataLoader(run, replica, (Network) run.recipe().define()));
    }
    long perEpoch = run.shares().stepsPerEpoch();
    long end = 2 * perEpoch + perEpoch / 2;
    EpochAudit ledger = EpochAudit.begun(0, perEpoch);
    for (long from = 0; from < end; from += ROUND) {
      long to = Math.min(end, from + ROUND);
      List<EpochAuditEntry> pages = new ArrayList<>();
      for (int replica = 0; replica < run.replicas(); replica++) {
        DataLoader batches = replicas.get(replica);
        batches.begin();
        for (long step = from; step < to; step++) {
          for (long taken : mishap.instead(replica, step)) {
            if (run.shares().count(replica, taken) > 0) {
              batches.batch(taken);
            }
          }
        }
        pages.add(batches.ledger());
      }
      ledger = ledger.after(pages, split(), to / perEpoch);
    }
    return ledger;
  }

  @ParameterizedTest(name = "R = {0}")
  @ValueSource(ints = {1, 2, 3, 5})
  void every_epoch_of_every_number_of_replicas_balances(int replicas) {
    EpochAudit ledger = keep(run(replicas), (replica, step) -> new long[] {step});
    assertEquals(2, ledger.epochs());
    assertEquals(223, ledger.whole().uses());
    assertTrue(ledger.open().uses() > 0, ledger::toString);
    assertTrue(ledger.held().isEmpty(), ledger::toString);
  }

  @Test
  void one_batch_dropped_and_another_doubled_is_found_though_the_number_is_right() {
    TrainingContext run = run(3);
    EpochAuditException failure =
        assertThrows(
            EpochAuditException.class,
            () ->
                keep(
                    run,
                    // In the second epoch replica 1 takes its third batch in the place of its
                    // fifth.
                    (replica, step) ->
                        new long[] {
                          replica == 1 && step == run.shares().stepsPerEpoch() + 5 ? step - 2 : step
                        }));
    assertTrue(failure.getMessage().contains("the ledger of epoch 1"), failure.getMessage());
    assertTrue(failure.getMessage().contains("223 uses are as many"), failure.getMessage());
  }

  @Test
  void one_batch_dropped_is_found() {
    EpochAuditException failure =
        assertThrows(
            EpochAuditException.class,
            () ->
                keep(
                    run(2),
                    (replica, step) ->
                        replica == 1 && step == 2 ? new long[] {} : new long[] {step}));
    assertTrue(failure.getMessage().contains("215 uses of 223"), failure.getMessage());
  }

  @Test
  void one_batch_doubled_is_found() {
    EpochAuditException failure =
        assertThrows(
            EpochAuditException.class,
            () ->
                keep(
                    run(2),
                    (replica, step) ->
                        replica == 0 && step == 2 ? new long[] {step, step} : new long[] {step}));
    assertTrue(failure.getMessage().contains("231 uses of 223"), failure.getMessage());
  }

  @Test
  void an_epoch_whose_turn_it_is_not_is_found() {
    TrainingContext run = run(2);
    long perEpoch = run.shares().stepsPerEpoch();
    EpochAuditException failure =
        assertThrows(
            EpochAuditException.class,
            () ->
                keep(run, (replica, step) -> new long[] {step == 1 ? step + 3 * perEpoch : step}));
    assertTrue(failure.getMessage().contains("epochs [3]"), failure.getMessage());
  }

  /** The same for a pass over shards: one of two equally long parts twice, the other not at all. */
  @Test
  void one_part_of_a_pass_dropped_and_another_doubled_is_found() {
    long[] first = {1, 2, 3};
    long[] second = {4, 5, 6};
    long[] rest = new long[217];
    for (int i = 0; i < rest.length; i++) {
      rest[i] = 7L + i;
    }
    Map<Integer, MultisetHash> held =
        Map.of(
            0,
            MultisetHash.of(first),
            1,
            MultisetHash.of(second),
            2,
            MultisetHash.of(rest),
            3,
            MultisetHash.NONE);
    EpochAuditEntry one = new EpochAuditEntry("", Map.of(0L, MultisetHash.of(first)), held);
    EpochAuditEntry two = new EpochAuditEntry("", Map.of(0L, MultisetHash.of(second)), held);
    EpochAuditEntry three = new EpochAuditEntry("", Map.of(0L, MultisetHash.of(rest)), held);
    EpochAudit ledger = EpochAudit.begun(0, 1);
    assertEquals(1, ledger.after(List.of(one, three, two), split(), 1).epochs());
    EpochAuditException failure =
        assertThrows(
            EpochAuditException.class, () -> ledger.after(List.of(one, one, three), split(), 1));
    assertTrue(failure.getMessage().contains("some were used twice"), failure.getMessage());
  }

  @Test
  void a_run_that_began_before_the_books_is_judged_from_its_next_epoch_on() {
    TrainingContext run = run(2);
    long perEpoch = run.shares().stepsPerEpoch();
    EpochAudit ledger = EpochAudit.begun(perEpoch + 1, perEpoch);
    assertEquals(1, ledger.epochs());
    assertEquals(2, ledger.from());
    EpochAudit later = ledger.after(List.of(), split(), 2);
    assertNull(later.whole());
    assertThrows(EpochAuditException.class, () -> later.after(List.of(), split(), 3));
  }

  @Test
  void tallies_do_not_depend_on_order_but_on_every_use() {
    MultisetHash all = MultisetHash.of(new long[] {3, -1, 1L << 40, 7});
    assertEquals(
        all,
        MultisetHash.of(new long[] {7, 3})
            .plus(MultisetHash.of(new long[] {1L << 40}))
            .plus(MultisetHash.of(new long[] {-1})));
    assertEquals(all, all.plus(MultisetHash.NONE));
    assertNotEquals(all, MultisetHash.of(new long[] {3, -1, 1L << 40, 8}));
    assertNotEquals(all, MultisetHash.of(new long[] {3, 3, 1L << 40, 7}));
  }
}
