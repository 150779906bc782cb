package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.Executors;
import dev.ancestral.job.train.checkpoint.CheckpointManifest;
import dev.ancestral.job.train.checkpoint.CheckpointStore;
import dev.ancestral.job.train.checkpoint.StateFiles;
import dev.ancestral.job.train.dl4j.Dl4jEngine;
import dev.ancestral.job.train.spec.TrainSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code engine: dl4j} with {@code strategy: gradient-sharing}, by SharedTrainingMaster. */
class Dl4jSharingTest {
  @TempDir Path folder;
  private Storage storage;
  private Dataset dataset;

  @BeforeEach
  void data() {
    storage = new Storage(new Configuration());
    dataset = TrainingFixture.dataset(storage, folder.resolve("data").toString());
  }

  private static Map<String, Object> train(String engine, int replicas, int epochs) {
    return TrainingFixture.train(
        "engine",
        engine,
        "strategy",
        "gradient-sharing",
        "replicas",
        replicas,
        "epochs",
        epochs,
        "roundSteps",
        28,
        "optimizer",
        Map.of("name", "adam", "learningRate", 0.02));
  }

  private String output(String name) {
    return folder.resolve(name).toString();
  }

  private void run(JavaSparkContext spark, String name, Map<String, Object> train) {
    TrainingFixture.run(spark, dataset, output(name), TrainJob.Mode.CONTINUE, train);
  }

  private double lastValid(String name) {
    List<Double> nats = Dl4jTrainingTest.nats(output(name), "valid_nats");
    return nats.get(nats.size() - 1);
  }

  private CheckpointManifest commit(String name) {
    return new CheckpointStore(storage, output(name)).latest().orElseThrow();
  }

  /** A transport that is left behind polls for ever, a tenth of a core. */
  @AfterEach
  void noTransportIsLeft() {
    assertEquals(
        List.of(),
        Thread.getAllStackTraces().keySet().stream()
            .map(Thread::getName)
            .filter(name -> name.startsWith("MessagesExecutorService"))
            .toList());
  }

  /** One network, two replicas in turn: every example once an epoch, and about as good. */
  @Test
  void threads_share_a_network() {
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      run(spark, "torch", train("torch", 2, 8));
      run(spark, "dl4j", train("dl4j", 2, 8));
    }
    assertEquals(commit("torch").ledgers(), commit("dl4j").ledgers());
    assertEquals(lastValid("torch"), lastValid("dl4j"), 0.5);
    assertTrue(lastValid("dl4j") > -7, "valid: " + lastValid("dl4j"));
  }

  @Test
  @Tag("cluster")
  void executors_share_gradients() {
    try (JavaSparkContext spark = Executors.start(2, 1)) {
      assertEquals(
          Optional.empty(),
          Dl4jEngine.obstacle(spark, TrainSpec.read(Settings.of(train("dl4j", 2, 8)))));
      run(spark, "dl4j", train("dl4j", 2, 8));
      // A second one in the same processes.
      run(spark, "again", train("dl4j", 2, 1));
    }
    CheckpointManifest commit = commit("dl4j");
    assertTrue(
        commit.devices().get(0).endsWith("executor 0")
            != commit.devices().get(1).endsWith("executor 0"),
        commit.devices().toString());
    assertTrue(lastValid("dl4j") > -7, "valid: " + lastValid("dl4j"));
    assertTrue(
        commit.metrics().stream().allMatch(line -> line.get("bytes_exchanged").asLong() > 0),
        commit.metrics().toString());
    assertTrue(memory(commit("again")) > 0, "the updaters remember");
  }

  /** Largest element of the state behind the parameters. */
  private double memory(CheckpointManifest commit) {
    long parameters = commit.stateSize() / 3; // and two moments of Adam
    float[] largest = {0};
    for (CheckpointManifest.Slice slice : commit.slices()) {
      StateFiles.load(
          storage,
          CheckpointStore.folder(storage, output("again")),
          slice,
          (at, from) -> {
            for (int i = 0; i < from.remaining(); i++) {
              if (at + i >= parameters) {
                largest[0] = Math.max(largest[0], Math.abs(from.get(i)));
              }
            }
          });
    }
    return largest[0];
  }

  @Test
  @Tag("cluster")
  void goes_on_where_it_was() {
    Map<String, Object> train = train("dl4j", 2, 8);
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      run(spark, "whole", train);
      assertThrows(
          AncestralException.class,
          () ->
              TrainingFixture.run(
                  spark,
                  dataset,
                  output("parts"),
                  train,
                  LossTest.afterRound(
                      2,
                      () -> {
                        throw new AncestralException(ErrorCode.INTERRUPTED, "the driver is gone");
                      })));
      TrainingFixture.run(spark, dataset, output("parts"), TrainJob.Mode.RESUME, train);
    }
    List<Double> whole = Dl4jTrainingTest.nats(output("whole"), "train_nats");
    List<Double> parts = Dl4jTrainingTest.nats(output("parts"), "train_nats");
    assertEquals(whole.size(), parts.size());
    for (int round = 0; round < whole.size(); round++) {
      assertEquals(whole.get(round), parts.get(round), 0.1, "round " + (round + 1));
    }
  }

  /** Those that are left would send to the dead for ever. */
  @Test
  @Tag("long")
  void a_killed_executor_costs_a_round() {
    AtomicInteger killed = new AtomicInteger();
    Map<String, Object> train = train("dl4j", 2, 8);
    try (JavaSparkContext spark = Executors.start(2, 1)) {
      TrainingFixture.run(
          spark,
          dataset,
          output("killed"),
          train,
          LossTest.afterRound(2, () -> killed.addAndGet(Executors.kill(1))));
    }
    assertEquals(1, killed.get(), "executors killed");
    assertTrue(lastValid("killed") > -7, "valid: " + lastValid("killed"));
  }

  /** DL4J's worker would end as if nothing had happened. */
  @Test
  void a_damaged_shard_is_named() throws Exception {
    Path shard = folder.resolve("data/train/shard-1.parquet");
    byte[] bytes = Files.readAllBytes(shard);
    bytes[bytes.length / 2] ^= 1;
    Files.write(shard, bytes);
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      AncestralException refusal =
          assertThrows(AncestralException.class, () -> run(spark, "damaged", train("dl4j", 2, 1)));
      assertEquals(ErrorCode.DATA, refusal.code());
      assertTrue(refusal.getMessage().contains("shard-1.parquet"), refusal.getMessage());
    }
  }

  @Test
  void protected_traffic_and_coming_and_going_executors_are_refused() {
    for (String key : List.of("spark.authenticate", "spark.dynamicAllocation.enabled")) {
      SparkConf conf = new SparkConf(false).set(key, "true");
      String why = Dl4jEngine.settingsObstacle(conf, false).orElseThrow();
      assertTrue(why.contains(key), why);
    }
    assertEquals(
        Optional.empty(),
        Dl4jEngine.settingsObstacle(new SparkConf(false).set("spark.authenticate", "true"), true));
    assertEquals(Optional.empty(), Dl4jEngine.settingsObstacle(new SparkConf(false), false));
  }
}
