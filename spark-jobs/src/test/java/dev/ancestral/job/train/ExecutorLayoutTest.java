package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.Executors;
import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Replicas in executor processes end with the bytes of replicas in one process. */
class ExecutorLayoutTest {
  @TempDir Path folder;

  private Map<String, Object> train(String strategy, int replicas, String transport) {
    return TrainingFixture.train(
        "strategy", strategy, "replicas", replicas, "transport", transport, "epochs", 1);
  }

  @Test
  void threeReplicasInTwoProcessesOnGloo() {
    Dataset dataset =
        TrainingFixture.dataset(
            new Storage(new Configuration()), folder.resolve("data").toString());
    for (String strategy : new String[] {"parameter-averaging", "gradient-sharing"}) {
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
      for (String strategy : new String[] {"parameter-averaging", "gradient-sharing"}) {
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
}
