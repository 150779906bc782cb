package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.Executors;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.job.train.replica.TaskPlacement;
import dev.ancestral.job.train.spec.TrainSpec.DeviceChoice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** GPUs that a script makes up: who is given which, and what is said of it. None is computed on. */
class GpuAssignmentTest {
  private static final Pattern PLACE =
      Pattern.compile("libtorch .*, cpu, .* on .+, executor (\\d+), gpu (\\d+)");

  @TempDir Path folder;

  /** One machine with four GPUs, and two executors of two of them each. */
  private JavaSparkContext spark() throws IOException {
    Path script = folder.resolve("discover");
    Files.writeString(
        script,
        "#!/bin/sh\necho '{\"name\": \"gpu\", \"addresses\": [\"0\",\"1\",\"2\",\"3\"]}'\n");
    assertTrue(script.toFile().setExecutable(true));
    Executors.stopOthers();
    SparkConf conf =
        Executors.conf(1, 4)
            .setMaster("local-cluster[1,4,1400]")
            .set("spark.executor.memory", "700m")
            .set("spark.executor.cores", "2")
            .set("spark.worker.resource.gpu.amount", "4")
            .set("spark.worker.resource.gpu.discoveryScript", script.toString())
            .set("spark.executor.resource.gpu.amount", "2")
            .set("spark.task.resource.gpu.amount", "1");
    return new JavaSparkContext(conf);
  }

  /** Tells the other tasks that this one runs, and waits for them. */
  private static void awaitAll(String meeting, int task, int tasks)
      throws IOException, InterruptedException {
    Path room = Path.of(meeting);
    Files.writeString(room.resolve(Integer.toString(task)), "");
    while (room.toFile().list().length < tasks) {
      Thread.sleep(10);
    }
  }

  @Test
  void every_replica_has_a_device_of_its_own_and_the_run_says_which() throws IOException {
    Dataset dataset = dataset();
    List<String> told = new ArrayList<>();
    Map<String, Object> train =
        TrainingFixture.train("replicas", 4, "transport", "gloo", "device", "cpu");
    String output = folder.resolve("run").toString();
    try (JavaSparkContext spark = spark()) {
      TrainingFixture.run(spark, dataset, output, train, collecting(told));

      String meeting = Files.createDirectory(folder.resolve("meeting")).toString();
      List<String> places =
          spark
              .parallelize(List.of(0, 1, 2, 3), 4)
              .map(
                  i -> {
                    awaitAll(meeting, i, 4); // All four run at once.
                    return TaskPlacement.ofTask(DeviceChoice.AUTO).device().describe()
                        + System.getenv().getOrDefault("CUDA_VISIBLE_DEVICES", "");
                  })
              .collect();
      assertEquals(Set.of("cuda:0", "cuda:1", "cuda:2", "cuda:3"), Set.copyOf(places));

      Map<String, Object> automatic =
          TrainingFixture.train("replicas", 4, "transport", "gloo", "device", "auto");
      AncestralException absent =
          assertThrows(
              AncestralException.class,
              () ->
                  TrainingFixture.run(
                      spark,
                      dataset,
                      folder.resolve("auto").toString(),
                      automatic,
                      ProgressListener.silent()));
      assertEquals(ErrorCode.CLUSTER, absent.code());
      assertTrue(
          absent.getMessage().matches("(?s)device cuda:[0-3] is not there.*"), absent.getMessage());
    }

    JsonNode provenance =
        new ObjectMapper().readTree(folder.resolve("run/model.json").toFile()).get("provenance");
    Map<String, Set<String>> gpus = new TreeMap<>();
    List<String> recorded = new ArrayList<>();
    for (JsonNode line : provenance.get("hardware")) {
      Matcher place = PLACE.matcher(line.textValue());
      assertTrue(place.matches(), line.textValue());
      gpus.computeIfAbsent(place.group(1), executor -> new TreeSet<>()).add(place.group(2));
      recorded.add(line.textValue());
    }
    assertEquals(4, recorded.size());
    Set<String> all = new TreeSet<>();
    gpus.forEach(
        (executor, own) -> {
          assertEquals(2, own.size(), "two for each executor: " + gpus);
          all.addAll(own);
        });
    assertEquals(Set.of("0", "1", "2", "3"), all);

    List<String> lines = told.stream().filter(line -> line.startsWith("replica ")).toList();
    for (int replica = 0; replica < recorded.size(); replica++) {
      assertTrue(
          lines.contains("replica " + replica + ": " + recorded.get(replica)), lines.toString());
    }
  }

  private Dataset dataset() {
    return TrainingFixture.dataset(
        new Storage(new Configuration()), folder.resolve("data").toString());
  }

  private static ProgressListener collecting(List<String> lines) {
    return new ProgressListener() {
      @Override
      public void phase(String name) {}

      @Override
      public void update(double fraction, String detail) {}

      @Override
      public void message(String line) {
        lines.add(line);
      }
    };
  }
}
