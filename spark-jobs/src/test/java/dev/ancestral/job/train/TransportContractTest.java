package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.train.spec.TransportKind;
import dev.ancestral.job.train.transport.TransportProvider;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every transport of exchanges promises, whoever brought it. */
class TransportContractTest {
  @TempDir Path folder;

  @Test
  void each_declares_itself_and_opens_what_it_declares() {
    List<String> names = new ArrayList<>(TransportKind.names());
    assertEquals(List.of("auto", "spark", "gloo", "nccl"), names.subList(0, 4));
    for (TransportKind kind : TransportKind.byName().values()) {
      assertTrue(kind.name().matches("[a-z][a-z0-9-]*"), kind.name());
      assertFalse(kind.name().equals(TransportKind.AUTO), "auto is no transport");
      assertEquals(kind.getClass(), TransportProvider.named(kind.name()).getClass());
    }
    assertEquals("gloo", TransportProvider.named(TransportKind.AUTO).name());
  }

  @Test
  void a_training_over_each_gives_the_same_bytes() {
    Dataset dataset =
        TrainingFixture.dataset(
            new Storage(new Configuration()), folder.resolve("data").toString());
    byte[] first = null;
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      for (String transport : TransportKind.byName().keySet()) {
        String output = folder.resolve(transport).toString();
        Map<String, Object> train =
            TrainingFixture.train(
                "strategy", "gradient-sharing", "replicas", 2, "transport", transport, "steps", 4);
        train.remove("epochs");
        TrainingFixture.run(spark, dataset, output, TrainJob.Mode.CONTINUE, train);
        byte[] parameters = TrainingFixture.parameters(output);
        if (first != null) {
          assertArrayEquals(first, parameters, transport);
        }
        first = parameters;
      }
    }
  }
}
