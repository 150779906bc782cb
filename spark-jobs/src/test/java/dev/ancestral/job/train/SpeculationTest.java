package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.Executors;
import dev.ancestral.job.StandaloneHosts;
import dev.ancestral.job.TaskAttempts;
import dev.ancestral.job.status.ProgressListener;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Executors that stand still for a while, one after the other, under {@code spark.speculation}:
 * Spark runs their tasks a second time elsewhere while the first still lives, and nothing changes.
 */
@Tag("long")
class SpeculationTest {
  private static final String[] HOSTS = {"127.0.0.1", "127.0.0.2"};
  private static final int CORES = 2;

  /** One a slot, so that some are done while those of one host stand still. */
  private static final int REPLICAS = HOSTS.length * CORES;

  private static final int STANDSTILL_MILLIS = 1500;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"vae", "naive-bayes"})
  void tasks_that_run_twice_count_once(String family) {
    Dataset dataset =
        TrainingFixture.dataset(
            new Storage(new Configuration()), folder.resolve("data").toString());
    Map<String, Object> model =
        family.equals("vae")
            ? Map.of("hidden", List.of(8), "latent", 2)
            : Map.of("likelihood", "bernoulli", "components", 2, "iterations", 8);
    Map<String, Object> train =
        family.equals("vae")
            ? TrainingFixture.train("replicas", REPLICAS, "transport", "spark")
            : TrainingFixture.train("replicas", REPLICAS);
    String expected = folder.resolve("undisturbed").toString();
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      TrainingFixture.run(spark, dataset, expected, TrainJob.Mode.CONTINUE, train, family, model);
    }
    String output = folder.resolve("speculation").toString();
    TaskAttempts attempts = new TaskAttempts();
    Executors.stopOthers();
    try (StandaloneHosts hosts = new StandaloneHosts(folder.resolve("work"), CORES, HOSTS);
        JavaSparkContext spark = new JavaSparkContext(speculation(hosts))) {
      spark.sc().addSparkListener(attempts);
      TrainingFixture.run(
          spark,
          dataset,
          output,
          TrainJob.Mode.CONTINUE,
          train,
          family,
          model,
          standingStillInTurn());
    }
    assertTrue(attempts.copies() >= 1, "tasks that ran twice: " + attempts.copies());
    assertArrayEquals(TrainingFixture.parameters(expected), TrainingFixture.parameters(output));
    assertEquals(TrainingFixture.metrics(expected), TrainingFixture.metrics(output));
  }

  private static SparkConf speculation(StandaloneHosts hosts) {
    return Executors.conf(HOSTS.length, CORES)
        .setMaster(hosts.url())
        .set("spark.executor.cores", Integer.toString(CORES))
        .set("spark.speculation", "true")
        .set("spark.speculation.interval", "50ms")
        // Statistics of so few shards are one task, which no other one is quicker than.
        .set("spark.speculation.task.duration.threshold", "300ms")
        .set("spark.speculation.quantile", "0.1")
        .set("spark.speculation.multiplier", "1.01");
  }

  /** After each of the first rounds another executor stands still. */
  private static ProgressListener standingStillInTurn() {
    return LossTest.afterRounds(
        over -> {
          if (over <= HOSTS.length) {
            ProcessHandle process = Executors.processes().skip(over - 1).findFirst().orElseThrow();
            assertTrue(Executors.pause(process));
            CompletableFuture.delayedExecutor(STANDSTILL_MILLIS, TimeUnit.MILLISECONDS)
                .execute(() -> Executors.goOn(process));
          }
        });
  }
}
