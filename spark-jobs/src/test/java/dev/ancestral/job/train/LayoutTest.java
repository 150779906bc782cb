package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.Executors;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run with R replicas has the same bytes on every layout. */
class LayoutTest {
  @TempDir Path folder;

  @ParameterizedTest(name = "{0}, R = {1}, compression {2}")
  @CsvSource({
    "parameter-averaging, 2, none",
    "parameter-averaging, 3, none",
    "parameter-averaging, 5, none",
    "gradient-sharing, 2, none",
    "gradient-sharing, 3, none",
    "gradient-sharing, 5, none",
    "gradient-sharing, 3, ternary",
  })
  void sharing_one_process_or_taking_turns_gives_the_same_bytes(
      String strategy, int replicas, String compression) {
    Dataset dataset =
        TrainingFixture.dataset(
            new Storage(new Configuration()), folder.resolve("data").toString());
    Map<String, Object> train =
        TrainingFixture.train(
            "strategy",
            strategy,
            "replicas",
            replicas,
            "compression",
            compression,
            "epochs",
            strategy.equals("gradient-sharing") ? 1 : 3,
            "ema",
            0.9);
    Map<String, byte[]> results = new LinkedHashMap<>();
    for (String master : new String[] {"local[" + replicas + "]", "local[1]"}) {
      String output = folder.resolve(master.replaceAll("\\W", "")).toString();
      try (JavaSparkContext spark = spark(master)) {
        TrainingFixture.run(spark, dataset, output, TrainJob.Mode.CONTINUE, train);
      }
      results.put(master, TrainingFixture.parameters(output));
    }
    byte[] first = results.values().iterator().next();
    results.forEach((master, bytes) -> assertArrayEquals(first, bytes, master));
    assertEquals(2, results.size());
    assertFalse(Arrays.equals(first, new byte[first.length]));
  }

  static JavaSparkContext spark(String master) {
    Executors.stopOthers();
    return new JavaSparkContext(
        new SparkConf()
            .setMaster(master)
            .setAppName("layout")
            .set("spark.ui.enabled", "false")
            .set("spark.driver.host", "127.0.0.1")
            .set("spark.driver.bindAddress", "127.0.0.1"));
  }
}
