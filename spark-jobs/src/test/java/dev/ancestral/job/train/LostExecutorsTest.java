package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.Executors;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.job.train.checkpoint.CheckpointManifest;
import dev.ancestral.job.train.checkpoint.CheckpointStore;
import dev.ancestral.spark.Departures;
import dev.ancestral.spark.TaskSlots;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Executors that stand still or never come back change where replicas run, not where they end. */
@Tag("cluster")
class LostExecutorsTest {
  @TempDir Path folder;
  private Dataset dataset;

  @BeforeEach
  void data() {
    dataset =
        TrainingFixture.dataset(
            new Storage(new Configuration()), folder.resolve("data").toString());
  }

  private static Map<String, Object> train(String strategy, Object... more) {
    Map<String, Object> train =
        new LinkedHashMap<>(
            TrainingFixture.train(
                "strategy", strategy, "replicas", 2, "transport", "gloo", "epochs", 2));
    for (int i = 0; i < more.length; i += 2) {
      train.put((String) more[i], more[i + 1]);
    }
    return train;
  }

  private String undisturbed(Map<String, Object> train) {
    String output = folder.resolve("undisturbed-" + train.get("strategy")).toString();
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      TrainingFixture.run(spark, dataset, output, TrainJob.Mode.CONTINUE, train);
    }
    return output;
  }

  private void assertSame(String expected, String output) {
    assertArrayEquals(TrainingFixture.parameters(expected), TrainingFixture.parameters(output));
    assertEquals(TrainingFixture.metrics(expected), TrainingFixture.metrics(output));
    CheckpointManifest one = commit(expected);
    CheckpointManifest other = commit(output);
    assertEquals(one.ledgers(), other.ledgers());
    assertEquals(one.ledger(), other.ledger());
    assertEquals(2, other.ledger().epochs());
    assertEquals(223, other.ledger().whole().uses());
  }

  private static CheckpointManifest commit(String output) {
    return new CheckpointStore(new Storage(new Configuration()), output).latest().orElseThrow();
  }

  /** Hears messages, and acts when rounds end. */
  private static final class Witness implements ProgressListener {
    private final List<String> messages = new CopyOnWriteArrayList<>();
    private final Map<Integer, Runnable> after;
    private final Consumer<String> onMessage;
    private final AtomicInteger rounds = new AtomicInteger();

    private Witness(Map<Integer, Runnable> after, Consumer<String> onMessage) {
      this.after = after;
      this.onMessage = onMessage;
    }

    @Override
    public void phase(String name) {}

    @Override
    public void update(double fraction, String detail) {
      after.getOrDefault(rounds.incrementAndGet(), () -> {}).run();
    }

    @Override
    public void message(String line) {
      messages.add(line);
      onMessage.accept(line);
    }

    private String heard(String words) {
      return messages.stream()
          .filter(line -> line.contains(words))
          .findFirst()
          .orElseThrow(() -> new AssertionError("'" + words + "' is not in " + messages));
    }
  }

  /** Ends an executor and asks for none in its place. */
  private static void loseOneForGood(JavaSparkContext spark) {
    assertTrue(spark.sc().killExecutor(spark.sc().getExecutorIds().apply(0)));
    awaitSlots(spark, 1);
  }

  /** Asks for two in all. */
  private static void bringOneBack(JavaSparkContext spark) {
    assertTrue(spark.sc().requestExecutors(2));
  }

  private static void awaitSlots(JavaSparkContext spark, int slots) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    try {
      while (TaskSlots.now(spark) != slots) {
        assertTrue(System.nanoTime() < end, () -> TaskSlots.now(spark) + " slots");
        Thread.sleep(20);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static JavaSparkContext twoExecutors() {
    Executors.stopOthers();
    return new JavaSparkContext(Executors.conf(2, 1).set("spark.executor.heartbeatInterval", "1s"));
  }

  @Test
  void replicas_of_executors_that_are_lost_for_good_take_turns_or_wait() {
    Map<String, Object> averaging = train("parameter-averaging", "deadlineSeconds", 3);
    Map<String, Object> sharing = train("gradient-sharing", "deadlineSeconds", 3);
    String averaged = undisturbed(averaging);
    String shared = undisturbed(sharing);
    try (JavaSparkContext spark = twoExecutors()) {
      String output = folder.resolve("lost").toString();
      takeTurnsAndSitDownAgain(spark, averaging, output);
      assertSame(averaged, output);
      String resumed = folder.resolve("resumed").toString();
      goOnWithFewerThenWait(spark, sharing, resumed);
      assertSame(shared, resumed);
    }
  }

  private void takeTurnsAndSitDownAgain(
      JavaSparkContext spark, Map<String, Object> train, String output) {
    Runnable bringBack =
        () -> {
          bringOneBack(spark);
          awaitSlots(spark, 2);
        };
    Witness witness = new Witness(Map.of(1, () -> loseOneForGood(spark), 3, bringBack), line -> {});
    TrainingFixture.run(spark, dataset, output, train, witness);
    assertTrue(
        witness.heard("take turns").startsWith("warning: 1 slot is left for 2 replicas"),
        witness.messages::toString);
    witness.heard("every replica has a slot again");
  }

  private void goOnWithFewerThenWait(
      JavaSparkContext spark, Map<String, Object> train, String output) {
    Runnable end =
        () -> {
          throw new AncestralException(ErrorCode.INTERRUPTED, "the driver is gone");
        };
    Witness first = new Witness(Map.of(2, end), line -> {});
    assertThrows(
        AncestralException.class, () -> TrainingFixture.run(spark, dataset, output, train, first));
    loseOneForGood(spark);
    Witness second = new Witness(Map.of(1, end), line -> {});
    assertThrows(
        AncestralException.class, () -> TrainingFixture.run(spark, dataset, output, train, second));
    second.heard("take turns");
    // The key changes how it goes on, not where it ends: the same run may be told otherwise.
    Map<String, Object> patient = new LinkedHashMap<>(train);
    patient.put("fewerSlots", "wait");
    Witness third =
        new Witness(
            Map.of(),
            line -> {
              if (line.startsWith("waiting for slots: 1 of 2")) {
                bringOneBack(spark);
              }
            });
    TrainingFixture.run(spark, dataset, output, patient, third);
    third.heard("waiting for slots: 1 of 2");
  }

  // The kill suite does the same in its long run.
  @Tag("long")
  @Test
  void an_executor_that_stands_still_is_named_and_replaced() {
    Map<String, Object> train = train("parameter-averaging", "deadlineSeconds", 5);
    String expected = undisturbed(train);
    String output = folder.resolve("paused").toString();
    AtomicInteger paused = new AtomicInteger();
    try (JavaSparkContext spark = twoExecutors()) {
      Witness witness =
          new Witness(Map.of(2, () -> paused.addAndGet(Executors.pause(1))), line -> {});
      TrainingFixture.run(spark, dataset, output, train, witness);
      assertTrue(
          witness
              .heard("its executor is replaced")
              .matches("replica [01] on localhost \\(executor [01]\\) was silent for \\d+ s;.*"),
          witness.messages::toString);
      witness.heard("was silent for 5 s); going on from the last commit");
    }
    assertEquals(1, paused.get(), "executors paused");
    assertSame(expected, output);
  }

  /**
   * A round is under way on both executors when one of them is announced to go. Nothing was to be
   * written before the end.
   */
  @Test
  void an_executor_that_is_announced_to_go_loses_no_step() throws Exception {
    Map<String, Object> train = train("parameter-averaging", "deadlineSeconds", 60);
    train.put("checkpoint", Map.of("everyRounds", 1000));
    train.put("validation", Map.of("everyRounds", 1000, "limit", 20));
    String expected = undisturbed(train);
    String output = folder.resolve("announced").toString();
    Executors.stopOthers();
    SparkConf conf = Executors.conf(2, 1).set("spark.decommission.enabled", "true");
    try (JavaSparkContext spark = new JavaSparkContext(conf)) {
      assertEquals(2, TaskSlots.await(spark, 2, 300));
      CompletableFuture<Integer> committedRound = new CompletableFuture<>();
      Runnable announce = () -> announceWithinTheNextRound(spark);
      Witness witness =
          new Witness(
              Map.of(1, announce),
              line -> {
                if (line.contains("will go, Spark says")) {
                  committedRound.complete(commit(output).round());
                }
              });
      TrainingFixture.run(spark, dataset, output, train, witness);
      assertEquals(2, committedRound.getNow(-1), witness.messages::toString);
      assertTrue(
          witness.messages.stream().noneMatch(line -> line.contains("going on from")),
          witness.messages::toString);
    }
    assertSame(expected, output);
  }

  /** Between two rounds: has the next one begin, and not end before Spark has announced. */
  private static void announceWithinTheNextRound(JavaSparkContext spark) {
    List<ProcessHandle> executors = Executors.processes().toList();
    assertEquals(2, executors.size());
    // The exchange needs both: while one stands still the round does not end.
    assertTrue(Executors.pause(executors.get(0)));
    CountDownLatch tasks = new CountDownLatch(2);
    spark
        .sc()
        .addSparkListener(
            new SparkListener() {
              @Override
              public void onTaskStart(SparkListenerTaskStart task) {
                tasks.countDown();
              }
            });
    Thread announcer =
        new Thread(
            () -> {
              try {
                tasks.await();
                assertTrue(Executors.decommission(executors.get(1)));
                while (Departures.announced(spark.sc()).isEmpty()) {
                  Thread.sleep(20);
                }
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              } finally {
                Executors.goOn(executors.get(0));
              }
            },
            "announcer");
    announcer.setDaemon(true);
    announcer.start();
  }
}
