package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.Ancestral;
import dev.ancestral.job.Executors;
import dev.ancestral.job.ListeningSockets;
import dev.ancestral.job.Strangers;
import dev.ancestral.job.evaluate.EvaluateRequest;
import dev.ancestral.job.evaluate.EvaluateSpec;
import dev.ancestral.job.generate.GenerateRequest;
import dev.ancestral.job.generate.GenerateSpec;
import dev.ancestral.job.status.ProgressListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a cluster that authenticates and encrypts, the jobs do what they do elsewhere. */
class ClosedDoorsTest {
  private static final List<String> STRATEGIES = List.of("parameter-averaging", "gradient-sharing");

  @TempDir Path folder;

  @Test
  @Tag("cluster")
  void the_same_bytes_on_an_encrypted_cluster_and_no_port_more() throws IOException {
    Dataset dataset = TrainingFixture.dataset(new Storage(new Configuration()), at("data"));
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      for (String strategy : STRATEGIES) {
        train(spark, dataset, "open-" + strategy, strategy, "auto", false, new ArrayList<>());
      }
      scoreAndSample("open-parameter-averaging");
    }
    Executors.stopOthers();
    SparkConf conf =
        Executors.conf(2, 1)
            .set("spark.authenticate", "true")
            .set("spark.authenticate.secret", "only for this test")
            .set("spark.network.crypto.enabled", "true")
            .set("spark.network.crypto.authEngineVersion", "2")
            .set("spark.io.encryption.enabled", "true");
    try (JavaSparkContext spark = new JavaSparkContext(conf)) {
      shuffle(spark);
      Set<Long> processes = processes();
      Set<Integer> before = ListeningSockets.of(processes);
      for (String strategy : STRATEGIES) {
        List<String> messages = new ArrayList<>();
        train(spark, dataset, "closed-" + strategy, strategy, "auto", false, messages);
        assertTrue(
            messages.stream()
                .anyMatch(
                    line ->
                        line.startsWith(
                                "transport: spark, because the cluster demands protected traffic"
                                    + " (spark.authenticate, spark.network.crypto.enabled,"
                                    + " spark.io.encryption.enabled)")
                            && line.contains("cost: ")),
            messages::toString);
        assertSame("open-" + strategy, "closed-" + strategy, "parameters.safetensors");
      }
      assertEquals(before, ListeningSockets.of(processes), "ports of the driver and the executors");
      scoreAndSample("closed-parameter-averaging");
      for (String file : List.of("-scores/per-example.parquet", "-samples/part-00000.parquet")) {
        assertSame("open-parameter-averaging" + file, "closed-parameter-averaging" + file, "");
      }

      for (String transport : List.of("gloo", "nccl")) {
        AncestralException refusal =
            assertThrows(
                AncestralException.class,
                () ->
                    train(
                        spark,
                        dataset,
                        "refused",
                        "parameter-averaging",
                        transport,
                        false,
                        new ArrayList<>()));
        assertEquals(ErrorCode.CLUSTER, refusal.code());
        assertTrue(
            refusal.getMessage().startsWith("transport is " + transport + " but the cluster"),
            refusal.getMessage());
        assertTrue(refusal.getMessage().contains("train.allowPlainCollectives: true"));
        assertFalse(Files.exists(folder.resolve("refused/model.json")));
      }

      // Allowed, and with strangers at every port that it opens.
      try (Strangers strangers =
          new Strangers(Strangers.Manner.HALF_A_MESSAGE, () -> more(processes, before))) {
        String strategy = "gradient-sharing";
        train(spark, dataset, "allowed", strategy, "gloo", true, new ArrayList<>());
        assertSame("open-" + strategy, "allowed", "parameters.safetensors");
        // The store's port on the driver, and one of each executor.
        assertTrue(strangers.ports() >= 3, () -> strangers.ports() + " ports were opened");
      }
    }
  }

  /** The group ends within the deadline, and another one is made. */
  @Tag("long")
  @Test
  void who_takes_the_place_of_a_peer_costs_a_round() throws IOException {
    Dataset dataset = TrainingFixture.dataset(new Storage(new Configuration()), at("data"));
    String strategy = "gradient-sharing";
    try (JavaSparkContext spark = Executors.start(2, 1)) {
      train(spark, dataset, "alone", strategy, "gloo", false, new ArrayList<>());
    }
    Executors.stopOthers();
    List<String> messages = new ArrayList<>();
    try (JavaSparkContext spark = Executors.start(2, 1)) {
      shuffle(spark);
      Set<Long> processes = processes();
      Set<Integer> before = ListeningSockets.of(processes);
      // They come to the ports of the first group and then no more: the store's and each member's.
      Set<Integer> first = Collections.synchronizedSet(new TreeSet<>());
      try (Strangers strangers =
          new Strangers(
              Strangers.Manner.PEER,
              () -> {
                if (first.size() < 3) {
                  first.addAll(more(processes, before));
                }
                return first;
              })) {
        train(spark, dataset, "visited", strategy, "gloo", false, messages);
        assertTrue(strangers.ports() >= 3, () -> strangers.ports() + " ports were opened");
      }
    }
    System.out.println(messages);
    assertSame("alone", "visited", "parameters.safetensors");
  }

  private void train(
      JavaSparkContext spark,
      Dataset dataset,
      String output,
      String strategy,
      String transport,
      boolean allow,
      List<String> messages) {
    Map<String, Object> train =
        TrainingFixture.train(
            "strategy", strategy, "replicas", 2, "transport", transport, "steps", 6);
    train.remove("epochs");
    if (allow) {
      train.put("allowPlainCollectives", true);
    }
    TrainingFixture.run(spark, dataset, at(output), train, hearing(messages));
  }

  /** Makes Spark open the ports that it opens for its own work. */
  private static void shuffle(JavaSparkContext spark) {
    long sum =
        spark
            .parallelize(IntStream.range(0, 100).boxed().toList(), 4)
            .repartition(3)
            .collect()
            .stream()
            .mapToLong(Integer::longValue)
            .sum();
    assertEquals(4950, sum);
  }

  private void scoreAndSample(String run) {
    SparkSession session = SparkSession.builder().getOrCreate();
    Ancestral ancestral = Ancestral.on(session, ProgressListener.silent());
    EvaluateSpec evaluate =
        EvaluateSpec.read(Settings.of(Map.of("split", "valid", "estimator", "elbo")), 3);
    ancestral.evaluation(
        new EvaluateRequest(at(run), at("data"), evaluate, at(run + "-scores"), false));
    GenerateSpec generate = GenerateSpec.read(Settings.of(Map.of("count", 100)), 3);
    ancestral.generate(new GenerateRequest(at(run), generate, at(run + "-samples"), false));
  }

  /** The driver and the executors. */
  private static Set<Long> processes() {
    Set<Long> processes = Executors.processes().map(ProcessHandle::pid).collect(Collectors.toSet());
    assertEquals(2, processes.size(), "executors");
    processes.add(ProcessHandle.current().pid());
    return processes;
  }

  private static Set<Integer> more(Set<Long> processes, Set<Integer> before) {
    Set<Integer> more = new TreeSet<>(ListeningSockets.of(processes));
    more.removeAll(before);
    return more;
  }

  private static ProgressListener hearing(List<String> messages) {
    return new ProgressListener() {
      @Override
      public void phase(String name) {}

      @Override
      public void update(double fraction, String detail) {}

      @Override
      public void message(String line) {
        messages.add(line);
      }
    };
  }

  private void assertSame(String expected, String found, String file) throws IOException {
    assertArrayEquals(
        Files.readAllBytes(folder.resolve(expected).resolve(file)),
        Files.readAllBytes(folder.resolve(found).resolve(file)),
        found + " " + file);
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }
}
