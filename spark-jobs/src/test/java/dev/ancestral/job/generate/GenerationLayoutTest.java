package dev.ancestral.job.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ancestral.data.Storage;
import dev.ancestral.job.Executors;
import dev.ancestral.job.Fixtures;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.model.EventSpec;
import dev.ancestral.spark.SparkApplication;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The files of a generation do not depend on how many tasks run at a time, nor in which process.
 */
class GenerationLayoutTest {
  private static final int PARTS = 7;
  private static final int SHARD = 170;

  @TempDir Path folder;

  private final Storage storage = new Storage(new Configuration());

  @AfterEach
  void stop() {
    Executors.stopOthers();
  }

  @Test
  void one_slot_two_slots_and_two_processes_write_the_same_files() throws IOException {
    String model =
        new Fixtures(storage)
            .untrained(
                folder.resolve("vae").toString(),
                "vae",
                Map.of("hidden", List.of(8), "latent", 3, "likelihood", "bernoulli"),
                EventSpec.discrete(2, 4, 3, 1),
                "none",
                5);
    generate(Executors.conf(1, 1).setMaster("local[1]"), 1, model, "one");
    generate(Executors.conf(1, 1).setMaster("local[2]"), 2, model, "two");
    assertSameFiles("one", "two");
    generate(Executors.conf(2, 1), 7, model, "processes");
    assertSameFiles("one", "processes");
    Files.delete(folder.resolve("processes/part-00003.parquet"));
    generate(Executors.conf(1, 1).setMaster("local[2]"), 3, model, "processes");
    assertSameFiles("one", "processes");
  }

  private void generate(SparkConf conf, int tasks, String model, String output) {
    Executors.stopOthers();
    try (JavaSparkContext spark = new JavaSparkContext(conf)) {
      GenerateSpec spec =
          new GenerateSpec(
              PARTS * SHARD - 90,
              7,
              OptionalInt.of(SHARD),
              OptionalInt.empty(),
              OptionalInt.empty(),
              1,
              "parquet",
              false);
      // The session of the context that was just made.
      SparkSession session = SparkSession.builder().getOrCreate();
      assertEquals(spark.sc(), session.sparkContext());
      new GenerateJob(SparkApplication.of(session), ProgressListener.silent())
          .run(
              new GenerateRequest(
                  model,
                  spec.withTasks(OptionalInt.of(tasks)),
                  folder.resolve(output).toString(),
                  false));
    }
  }

  private void assertSameFiles(String expected, String actual) throws IOException {
    for (int part = 0; part < PARTS; part++) {
      String name = String.format("part-%05d.parquet", part);
      assertArrayEquals(bytes(expected, name), bytes(actual, name), actual + "/" + name);
    }
  }

  private byte[] bytes(String output, String name) throws IOException {
    return Files.readAllBytes(folder.resolve(output).resolve(name));
  }
}
