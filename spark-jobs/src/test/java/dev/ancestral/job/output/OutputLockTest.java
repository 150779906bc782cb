package dev.ancestral.job.output;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import dev.ancestral.job.FaultyStore;
import dev.ancestral.job.status.ProgressListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutputLockTest {
  private static final ProcessIdentity ELSEWHERE =
      new ProcessIdentity("other-host", "another boot", 17, "4711");

  @TempDir Path folder;

  @BeforeEach
  void healed() {
    FaultyStore.heal();
  }

  private static Storage storage(int patienceSeconds) {
    Configuration configuration = new Configuration();
    configuration.setInt(OutputLock.PATIENCE_KEY, patienceSeconds);
    return new Storage(configuration);
  }

  private static OutputLock take(Storage storage, org.apache.hadoop.fs.Path directory) {
    return OutputLock.take(storage, directory, "generate", ProgressListener.silent());
  }

  /** With renames, and on a store that has none. */
  @ParameterizedTest
  @ValueSource(strings = {"file", "faulty"})
  void of_many_that_ask_at_once_exactly_one_gets_it(String scheme) throws Exception {
    Storage storage = storage(60);
    int threads = 4;
    int rounds = 12;
    CyclicBarrier barrier = new CyclicBarrier(threads);
    AtomicInteger holders = new AtomicInteger();
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<Integer>> all = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        all.add(
            pool.submit(
                () -> {
                  int taken = 0;
                  for (int round = 0; round < rounds; round++) {
                    Path output = folder.resolve(scheme + round);
                    barrier.await(60, TimeUnit.SECONDS);
                    OutputLock claim = null;
                    try {
                      claim =
                          take(
                              storage,
                              storage.path(
                                  scheme.equals("file")
                                      ? output.toString()
                                      : FaultyStore.uri(output)));
                      taken++;
                      holders.incrementAndGet();
                    } catch (AncestralException refusal) {
                      assertEquals(ErrorCode.INTERRUPTED, refusal.code());
                    }
                    barrier.await(60, TimeUnit.SECONDS); // Everybody has asked.
                    assertEquals(1, holders.get());
                    barrier.await(60, TimeUnit.SECONDS);
                    if (claim != null) {
                      holders.decrementAndGet();
                      claim.close();
                    }
                  }
                  return taken;
                }));
      }
      int taken = 0;
      for (Future<Integer> one : all) {
        taken += one.get(120, TimeUnit.SECONDS);
      }
      assertEquals(rounds, taken);
    } finally {
      pool.shutdownNow();
    }
    for (int round = 0; round < rounds; round++) {
      try (var files = Files.list(folder.resolve(scheme + round))) {
        assertEquals(0, files.count(), "claims left behind");
      }
    }
  }

  @Test
  void a_claim_of_a_process_that_was_killed_does_not_count() throws Exception {
    Process sleeper = new ProcessBuilder("sleep", "600").start();
    String stat = Files.readString(Path.of("/proc/" + sleeper.pid() + "/stat"));
    String started = stat.substring(stat.lastIndexOf(')') + 2).split(" ")[19];
    ProcessIdentity own = ProcessIdentity.own();
    ProcessIdentity other = new ProcessIdentity(own.host(), own.machine(), sleeper.pid(), started);
    Storage storage = storage(600);
    org.apache.hadoop.fs.Path output = storage.path(folder.toString());
    write(storage, note("other", other, 3, 1));

    AncestralException refusal =
        assertThrows(AncestralException.class, () -> take(storage, output));
    assertTrue(
        refusal.getMessage().contains("'train' of process " + sleeper.pid() + " on " + own.host()),
        refusal.getMessage());

    sleeper.destroyForcibly().waitFor();
    try (OutputLock claim = take(storage, output)) { // At once, not after ten minutes.
      claim.requireHeld();
      assertFalse(Files.exists(folder.resolve(".claim-other")));
    }
    // The same number of a later process is not the same process.
    write(storage, note("other", new ProcessIdentity("h", own.machine(), own.pid(), "1"), 3, 1));
    take(storage, output).close();
  }

  @Test
  void a_claim_of_another_machine_counts_while_it_changes() throws Exception {
    Storage storage = storage(4);
    org.apache.hadoop.fs.Path output = storage.path(folder.toString());
    AtomicInteger beat = new AtomicInteger();
    ScheduledExecutorService alive = Executors.newSingleThreadScheduledExecutor();
    List<String> said = new ArrayList<>();
    try {
      Future<?> beats =
          alive.scheduleAtFixedRate(
              () -> write(storage, note("other", ELSEWHERE, 3, beat.incrementAndGet())),
              0,
              300,
              TimeUnit.MILLISECONDS);
      while (beat.get() == 0) {
        Thread.sleep(10);
      }
      AncestralException refusal =
          assertThrows(
              AncestralException.class,
              () -> OutputLock.take(storage, output, "train", listener(said)));
      assertTrue(refusal.getMessage().contains("on other-host"), refusal.getMessage());
      assertTrue(said.get(0).contains("waiting up to 4 s for a sign of life"), said.toString());
      beats.cancel(false);
    } finally {
      alive.shutdown();
      assertTrue(alive.awaitTermination(10, TimeUnit.SECONDS));
    }
    // Its process was killed: whoever comes next waits, and goes on by himself.
    try (OutputLock claim = take(storage(1), output)) {
      claim.requireHeld();
    }
    try (var files = Files.list(folder)) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void a_holder_that_was_given_up_stops_before_its_commit() throws IOException {
    Storage storage = storage(60);
    org.apache.hadoop.fs.Path output = storage.path(folder.toString());
    Files.writeString(folder.resolve(OutputSession.FILE), "of the other");
    AncestralException refusal =
        assertThrows(
            AncestralException.class,
            () ->
                OutputSession.fill(
                    storage,
                    output,
                    "generate",
                    ProgressListener.silent(),
                    running -> {
                      running.begin();
                      running.requireHeld();
                      write(storage, note("other", ELSEWHERE, 2, 1)); // It took over: number 2.
                      storage.commit(
                          storage.path(folder.resolve(OutputSession.FILE).toString()),
                          new byte[] {'x'});
                      running.requireHeld();
                      return "never";
                    },
                    text -> text));
    assertTrue(refusal.getMessage().contains("taken over"), refusal.getMessage());
    assertEquals(ErrorCode.INTERRUPTED, refusal.code());
    assertEquals("x", Files.readString(folder.resolve(OutputSession.FILE)), "the other's status");
    assertTrue(Files.exists(folder.resolve(".claim-other")));
  }

  /** The store may answer the one that takes the directory over. */
  @Test
  void a_claim_that_cannot_be_looked_at_is_lost() throws Exception {
    Storage storage = storage(60);
    org.apache.hadoop.fs.Path output = storage.path(FaultyStore.uri(folder));
    try (OutputLock claim = take(storage, output)) {
      claim.requireHeld();
      FaultyStore.goneAt(1, false);
      assertThrows(
          AncestralException.class,
          () -> storage.commit(new org.apache.hadoop.fs.Path(output, "x"), new byte[1]));
      AncestralException refusal = assertThrows(AncestralException.class, claim::requireHeld);
      assertEquals(ErrorCode.INTERRUPTED, refusal.code());
      assertTrue(refusal.getMessage().contains("cannot be seen: "), refusal.getMessage());
      FaultyStore.heal();
      assertSame(
          refusal, assertThrows(AncestralException.class, claim::requireHeld), "lost for good");
    }
    FaultyStore.heal();
    AncestralException atTheEnd =
        assertThrows(
            AncestralException.class,
            () ->
                OutputSession.fill(
                    storage,
                    output,
                    "generate",
                    ProgressListener.silent(),
                    running -> {
                      running.begin();
                      FaultyStore.goneAt(1, false);
                      assertThrows(
                          AncestralException.class,
                          () ->
                              storage.commit(
                                  new org.apache.hadoop.fs.Path(output, "x"), new byte[1]));
                      return "never said to be done";
                    },
                    text -> text));
    assertEquals(ErrorCode.INTERRUPTED, atTheEnd.code());
    FaultyStore.heal();
    assertFalse(Files.readString(folder.resolve(OutputSession.FILE)).contains("\"done\""));
  }

  @Test
  void what_is_done_is_said_without_a_claim_but_not_over_anothers_head() throws IOException {
    Storage storage = storage(60);
    org.apache.hadoop.fs.Path output = storage.path(folder.toString());
    write(storage, note("other", ELSEWHERE, 1, 1));
    OutputSession.fill(
        storage, output, "train", ProgressListener.silent(), running -> "complete", text -> text);
    assertFalse(Files.exists(folder.resolve(OutputSession.FILE)));
    Files.delete(folder.resolve(".claim-other"));
    OutputSession.fill(
        storage, output, "train", ProgressListener.silent(), running -> "complete", text -> text);
    assertTrue(Files.readString(folder.resolve(OutputSession.FILE)).contains("\"complete\""));
  }

  private static OutputLockNote note(String id, ProcessIdentity process, long number, long beat) {
    return new OutputLockNote(id, "train", true, number, beat, process, "2026-01-01T00:00:00Z");
  }

  private void write(Storage storage, OutputLockNote note) {
    storage.commit(storage.path(folder.resolve(".claim-" + note.id()).toString()), note.toJson());
  }

  private static ProgressListener listener(List<String> said) {
    return new ProgressListener() {
      @Override
      public void phase(String name) {}

      @Override
      public void update(double fraction, String detail) {}

      @Override
      public void message(String line) {
        said.add(line);
      }
    };
  }
}
