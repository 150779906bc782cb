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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is lost on the way does not change where a run ends. */
class LossTest {
  @TempDir Path folder;
  private Dataset dataset;

  @BeforeEach
  void data() {
    dataset =
        TrainingFixture.dataset(
            new Storage(new Configuration()), folder.resolve("data").toString());
  }

  private static Map<String, Object> train(String strategy, String transport) {
    return TrainingFixture.train(
        "strategy", strategy, "replicas", 2, "transport", transport, "epochs", 2);
  }

  private String undisturbed(Map<String, Object> train) {
    String output = folder.resolve("undisturbed").toString();
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      TrainingFixture.run(spark, dataset, output, TrainJob.Mode.CONTINUE, train);
    }
    return output;
  }

  /** Progress that does something when a round is over. */
  static ProgressListener afterRound(int round, Runnable action) {
    return afterRounds(
        over -> {
          if (over == round) {
            action.run();
          }
        });
  }

  /** Progress that does something whenever a round is over, given how many are. */
  static ProgressListener afterRounds(IntConsumer action) {
    AtomicInteger rounds = new AtomicInteger();
    return new ProgressListener() {
      @Override
      public void phase(String name) {}

      @Override
      public void update(double fraction, String detail) {
        action.accept(rounds.incrementAndGet());
      }

      @Override
      public void message(String line) {}
    };
  }

  @ParameterizedTest(name = "{0} on {1}")
  @CsvSource({"parameter-averaging, spark", "gradient-sharing, gloo"})
  void killed_executor(String strategy, String transport) {
    killedExecutorChangesNothing(strategy, transport);
  }

  // The quick part of the kill suite does the same to real clusters in every build.
  @Tag("long")
  @ParameterizedTest(name = "{0} on {1}")
  @CsvSource({"parameter-averaging, gloo", "gradient-sharing, spark"})
  void killed_executor_of_the_other_transport(String strategy, String transport) {
    killedExecutorChangesNothing(strategy, transport);
  }

  private void killedExecutorChangesNothing(String strategy, String transport) {
    Map<String, Object> train = train(strategy, transport);
    String expected = undisturbed(train);
    String output = folder.resolve("killed").toString();
    AtomicInteger killed = new AtomicInteger();
    try (JavaSparkContext spark = Executors.start(2, 1)) {
      TrainingFixture.run(
          spark, dataset, output, train, afterRound(2, () -> killed.addAndGet(Executors.kill(1))));
    }
    assertEquals(1, killed.get(), "executors killed");
    assertArrayEquals(TrainingFixture.parameters(expected), TrainingFixture.parameters(output));
    assertEquals(TrainingFixture.metrics(expected), TrainingFixture.metrics(output));
  }

  @Test
  void interrupted_driver_goes_on_where_it_was() {
    Map<String, Object> train = train("parameter-averaging", "auto");
    String expected = undisturbed(train);
    String output = folder.resolve("interrupted").toString();
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      assertThrows(
          AncestralException.class,
          () ->
              TrainingFixture.run(
                  spark,
                  dataset,
                  output,
                  train,
                  afterRound(
                      3,
                      () -> {
                        throw new AncestralException(ErrorCode.INTERRUPTED, "the driver is gone");
                      })));
      assertTrue(Files.notExists(Path.of(output, "model.json")));
      TrainJob.Result result =
          TrainingFixture.run(spark, dataset, output, TrainJob.Mode.RESUME, train);
      assertArrayEquals(TrainingFixture.parameters(expected), TrainingFixture.parameters(output));
      assertEquals(TrainingFixture.metrics(expected), TrainingFixture.metrics(output));
      assertTrue(result.message().contains("trained"), result.message());
      assertTrue(
          TrainingFixture.run(spark, dataset, output, TrainJob.Mode.CONTINUE, train)
              .alreadyComplete());
    }
  }

  @ParameterizedTest
  @CsvSource({"vae", "naive-bayes"})
  void killed_between_the_last_commit_and_the_model(String family) throws Exception {
    Map<String, Object> model =
        family.equals("vae")
            ? Map.of("hidden", List.of(8), "latent", 2)
            : Map.of("likelihood", "bernoulli", "components", 2, "iterations", 3);
    Map<String, Object> train = train("parameter-averaging", "auto");
    String output = folder.resolve("run").toString();
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      TrainingFixture.run(spark, dataset, output, TrainJob.Mode.CONTINUE, train, family, model);
      byte[] parameters = TrainingFixture.parameters(output);
      List<Map<String, Object>> metrics = TrainingFixture.metrics(output);
      for (String file : List.of("model.json", "parameters.safetensors", "metrics.jsonl")) {
        Files.delete(Path.of(output, file));
      }
      TrainingFixture.run(spark, dataset, output, TrainJob.Mode.RESUME, train, family, model);
      assertArrayEquals(parameters, TrainingFixture.parameters(output));
      assertEquals(metrics, TrainingFixture.metrics(output));
    }
  }

  @Test
  void another_spec_is_refused_and_nothing_to_resume_is_said() {
    String output = folder.resolve("run").toString();
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      Map<String, Object> train = train("parameter-averaging", "auto");
      AncestralException nothing =
          assertThrows(
              AncestralException.class,
              () -> TrainingFixture.run(spark, dataset, output, TrainJob.Mode.RESUME, train));
      assertEquals(ErrorCode.SPEC, nothing.code());
      TrainingFixture.run(spark, dataset, output, TrainJob.Mode.CONTINUE, train);
      Map<String, Object> other = train("gradient-sharing", "auto");
      AncestralException refusal =
          assertThrows(
              AncestralException.class,
              () -> TrainingFixture.run(spark, dataset, output, TrainJob.Mode.CONTINUE, other));
      assertEquals(ErrorCode.SPEC, refusal.code());
      TrainingFixture.run(spark, dataset, output, TrainJob.Mode.RESTART, other);
    }
  }

  @ParameterizedTest
  @CsvSource({"parameter-averaging, gloo", "gradient-sharing, spark"})
  void divergence_stops_at_the_last_good_checkpoint(String strategy, String transport) {
    Map<String, Object> train =
        TrainingFixture.train(
            "strategy",
            strategy,
            "transport",
            transport,
            "replicas",
            2,
            "epochs",
            2,
            "optimizer",
            Map.of("name", "sgd", "learningRate", 1e5));
    String output = folder.resolve("diverged").toString();
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      AncestralException refusal =
          assertThrows(
              AncestralException.class,
              () -> TrainingFixture.run(spark, dataset, output, TrainJob.Mode.CONTINUE, train));
      assertEquals(ErrorCode.DIVERGED, refusal.code(), refusal.getMessage());
    }
    assertTrue(Files.notExists(Path.of(output, "model.json")));
  }

  @Test
  void a_damaged_shard_is_named() throws Exception {
    Path shard = folder.resolve("data/train/shard-1.parquet");
    byte[] bytes = Files.readAllBytes(shard);
    bytes[bytes.length / 2] ^= 1;
    Files.write(shard, bytes);
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      for (String transport : List.of("gloo", "spark")) {
        AncestralException refusal =
            assertThrows(
                AncestralException.class,
                () ->
                    TrainingFixture.run(
                        spark,
                        dataset,
                        folder.resolve("damaged-" + transport).toString(),
                        TrainJob.Mode.CONTINUE,
                        train("parameter-averaging", transport)));
        assertEquals(ErrorCode.DATA, refusal.code());
        assertTrue(refusal.getMessage().contains("shard-1.parquet"), refusal.getMessage());
      }
    }
  }
}
