package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.Storage;
import dev.ancestral.model.Network;
import dev.ancestral.model.Settings;
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
class LedgerTest {
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

  private Run run(int replicas) {
    Recipe recipe =
        Recipe.of("vae", Map.of("hidden", List.of(8), "latent", 2), dataset.event(), "none");
    TrainSpec spec = TrainSpec.read(Settings.of(TrainingFixture.train()));
    Shares shares = Shares.of(split().examples(), replicas, spec.batchSize(), 100);
    return new Run(
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
  private Ledger keep(Run run, Mishap mishap) {
    List<TrainingBatches> replicas = new ArrayList<>();
    for (int replica = 0; replica < run.replicas(); replica++) {
      replicas.add(new TrainingBatches(run, replica, (Network) run.recipe().define()));
    }
    long perEpoch = run.shares().stepsPerEpoch();
    long end = 2 * perEpoch + perEpoch / 2;
    Ledger ledger = Ledger.begun(0, perEpoch);
    for (long from = 0; from < end; from += ROUND) {
      long to = Math.min(end, from + ROUND);
      List<LedgerPage> pages = new ArrayList<>();
      for (int replica = 0; replica < run.replicas(); replica++) {
        TrainingBatches batches = replicas.get(replica);
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
  void everyEpochOfEveryNumberOfReplicasBalances(int replicas) {
    Ledger ledger = keep(run(replicas), (replica, step) -> new long[] {step});
    assertEquals(2, ledger.epochs());
    assertEquals(223, ledger.whole().uses());
    assertTrue(ledger.open().uses() > 0, ledger::toString);
    assertTrue(ledger.held().isEmpty(), ledger::toString);
  }

  @Test
  void oneBatchDroppedAndAnotherDoubledIsFoundThoughTheNumberIsRight() {
    Run run = run(3);
    LedgerException failure =
        assertThrows(
            LedgerException.class,
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
  void oneBatchDroppedIsFound() {
    LedgerException failure =
        assertThrows(
            LedgerException.class,
            () ->
                keep(
                    run(2),
                    (replica, step) ->
                        replica == 1 && step == 2 ? new long[] {} : new long[] {step}));
    assertTrue(failure.getMessage().contains("215 uses of 223"), failure.getMessage());
  }

  @Test
  void oneBatchDoubledIsFound() {
    LedgerException failure =
        assertThrows(
            LedgerException.class,
            () ->
                keep(
                    run(2),
                    (replica, step) ->
                        replica == 0 && step == 2 ? new long[] {step, step} : new long[] {step}));
    assertTrue(failure.getMessage().contains("231 uses of 223"), failure.getMessage());
  }

  @Test
  void anEpochWhoseTurnItIsNotIsFound() {
    Run run = run(2);
    long perEpoch = run.shares().stepsPerEpoch();
    LedgerException failure =
        assertThrows(
            LedgerException.class,
            () ->
                keep(run, (replica, step) -> new long[] {step == 1 ? step + 3 * perEpoch : step}));
    assertTrue(failure.getMessage().contains("epochs [3]"), failure.getMessage());
  }

  /** The same for a pass over shards: one of two equally long parts twice, the other not at all. */
  @Test
  void onePartOfAPassDroppedAndAnotherDoubledIsFound() {
    long[] first = {1, 2, 3};
    long[] second = {4, 5, 6};
    long[] rest = new long[217];
    for (int i = 0; i < rest.length; i++) {
      rest[i] = 7L + i;
    }
    Map<Integer, Tally> held =
        Map.of(0, Tally.of(first), 1, Tally.of(second), 2, Tally.of(rest), 3, Tally.NONE);
    LedgerPage one = new LedgerPage("", Map.of(0L, Tally.of(first)), held);
    LedgerPage two = new LedgerPage("", Map.of(0L, Tally.of(second)), held);
    LedgerPage three = new LedgerPage("", Map.of(0L, Tally.of(rest)), held);
    Ledger ledger = Ledger.begun(0, 1);
    assertEquals(1, ledger.after(List.of(one, three, two), split(), 1).epochs());
    LedgerException failure =
        assertThrows(
            LedgerException.class, () -> ledger.after(List.of(one, one, three), split(), 1));
    assertTrue(failure.getMessage().contains("some were used twice"), failure.getMessage());
  }

  @Test
  void aRunThatBeganBeforeTheBooksIsJudgedFromItsNextEpochOn() {
    Run run = run(2);
    long perEpoch = run.shares().stepsPerEpoch();
    Ledger ledger = Ledger.begun(perEpoch + 1, perEpoch);
    assertEquals(1, ledger.epochs());
    assertEquals(2, ledger.from());
    Ledger later = ledger.after(List.of(), split(), 2);
    assertNull(later.whole());
    assertThrows(LedgerException.class, () -> later.after(List.of(), split(), 3));
  }

  @Test
  void talliesDoNotDependOnOrderButOnEveryUse() {
    Tally all = Tally.of(new long[] {3, -1, 1L << 40, 7});
    assertEquals(
        all,
        Tally.of(new long[] {7, 3})
            .plus(Tally.of(new long[] {1L << 40}))
            .plus(Tally.of(new long[] {-1})));
    assertEquals(all, all.plus(Tally.NONE));
    assertNotEquals(all, Tally.of(new long[] {3, -1, 1L << 40, 8}));
    assertNotEquals(all, Tally.of(new long[] {3, 3, 1L << 40, 7}));
  }
}
