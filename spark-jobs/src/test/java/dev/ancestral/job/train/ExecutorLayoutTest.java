package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.Executors;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replicas in executor processes end with the bytes of replicas in one process. */
@Tag("cluster")
class ExecutorLayoutTest {
  @TempDir Path folder;

  private static final String[] STRATEGIES = {"parameter-averaging", "gradient-sharing"};

  private static Map<String, Object> train(String strategy, int replicas, String transport) {
    return TrainingFixture.train(
        "strategy", strategy, "replicas", replicas, "transport", transport, "epochs", 1);
  }

  @Test
  void three_replicas_in_two_processes_on_gloo() {
    Dataset dataset =
        TrainingFixture.dataset(
            new Storage(new Configuration()), folder.resolve("data").toString());
    for (String strategy : STRATEGIES) {
      try (JavaSparkContext spark = LayoutTest.spark("local[3]")) {
        TrainingFixture.run(
            spark,
            dataset,
            folder.resolve("one-" + strategy).toString(),
            TrainJob.Mode.CONTINUE,
            train(strategy, 3, "gloo"));
      }
    }
    try (JavaSparkContext spark = Executors.start(2, 2)) {
      for (String strategy : STRATEGIES) {
        for (String transport : new String[] {"gloo", "spark"}) {
          String output = folder.resolve(transport + strategy).toString();
          Map<String, Object> train = train(strategy, 3, transport);
          TrainingFixture.run(spark, dataset, output, TrainJob.Mode.CONTINUE, train);
          assertArrayEquals(
              TrainingFixture.parameters(folder.resolve("one-" + strategy).toString()),
              TrainingFixture.parameters(output),
              strategy + " on " + transport);
        }
      }
    }
  }

  /** Two players of an optimizer each: what they exchange are windows of one vector. */
  @Test
  void both_players_in_two_processes_on_gloo() {
    Dataset dataset =
        TrainingFixture.labelled(
            new Storage(new Configuration()), folder.resolve("data").toString());
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      for (String strategy : STRATEGIES) {
        gan(spark, dataset, "one-" + strategy, train(strategy, 2, "gloo"));
      }
    }
    try (JavaSparkContext spark = Executors.start(2, 1)) {
      for (String strategy : STRATEGIES) {
        gan(spark, dataset, "two-" + strategy, train(strategy, 2, "gloo"));
      }
    }
    for (String strategy : STRATEGIES) {
      String one = folder.resolve("one-" + strategy).toString();
      String two = folder.resolve("two-" + strategy).toString();
      assertArrayEquals(TrainingFixture.parameters(one), TrainingFixture.parameters(two), strategy);
      assertEquals(TrainingFixture.metrics(one), TrainingFixture.metrics(two), strategy);
    }
  }

  private void gan(
      JavaSparkContext spark, Dataset dataset, String output, Map<String, Object> train) {
    TrainingFixture.run(
        spark,
        dataset,
        folder.resolve(output).toString(),
        TrainJob.Mode.CONTINUE,
        train,
        "gan",
        GanTrainingTest.GAN);
  }
}
