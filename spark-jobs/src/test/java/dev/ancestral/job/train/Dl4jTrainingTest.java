package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.Refusal;
import dev.ancestral.checkpoint.ModelDescription;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.Executors;
import dev.ancestral.job.LoadedModel;
import dev.ancestral.job.ModelDirectory;
import dev.ancestral.model.BoundModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.Device;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code engine: dl4j} on a small data set, against the torch engine with the same spec. */
class Dl4jTrainingTest {
  @TempDir Path folder;
  private Storage storage;
  private Dataset dataset;

  @BeforeEach
  void data() {
    storage = new Storage(new Configuration());
    dataset = TrainingFixture.dataset(storage, folder.resolve("data").toString());
  }

  private static Map<String, Object> train(String engine, Object... more) {
    Map<String, Object> train = TrainingFixture.train("engine", engine, "replicas", 2, "epochs", 2);
    for (int i = 0; i < more.length; i += 2) {
      train.put((String) more[i], more[i + 1]);
    }
    return train;
  }

  private String output(String name) {
    return folder.resolve(name).toString();
  }

  /** The same examples, noise, steps and rule: what differs is rounding, and where ε is added. */
  @ParameterizedTest(name = "{0}, learning rate {1}")
  @CsvSource({"adam, 0.01, 0.002", "sgd, 0.001, 1e-3"})
  void averagesAsTheTorchEngineDoes(String optimizer, double rate, double tolerance)
      throws Exception {
    Map<String, Object> rule = new HashMap<>(Map.of("name", optimizer, "learningRate", rate));
    rule.put("weightDecay", 0.1);
    if (optimizer.equals("sgd")) {
      rule.put("nesterov", true);
    }
    Map<String, Object> settings = new HashMap<>(Map.of("optimizer", rule, "clipNorm", 40.0));
    if (optimizer.equals("adam")) {
      // DL4J's momentum holds steps, ours gradients: under a schedule they are not the same.
      settings.put("schedule", Map.of("name", "cosine", "warmupSteps", 5));
    }
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      for (String engine : List.of("torch", "dl4j")) {
        Map<String, Object> train = train(engine);
        train.putAll(settings);
        TrainingFixture.run(spark, dataset, output(engine), TrainJob.Mode.CONTINUE, train);
      }
    }
    List<Map<String, Object>> torch = TrainingFixture.metrics(output("torch"));
    List<Map<String, Object>> dl4j = TrainingFixture.metrics(output("dl4j"));
    assertEquals(torch.size(), dl4j.size());
    for (int round = 0; round < torch.size(); round++) {
      assertEquals(torch.get(round).keySet(), dl4j.get(round).keySet());
      for (String nats : List.of("train_nats", "valid_nats")) {
        if (torch.get(round).get(nats) instanceof Number expected) {
          assertEquals(
              expected.doubleValue(),
              ((Number) dl4j.get(round).get(nats)).doubleValue(),
              tolerance,
              nats + " of round " + (round + 1));
        }
      }
    }
    assertEquals("dl4j", description(output("dl4j")).engine());
    assertEquals(ledgers(output("torch")), ledgers(output("dl4j")));
  }

  private List<String> ledgers(String output) {
    return new Checkpoints(storage, output).latest().orElseThrow().ledgers();
  }

  private static ModelDescription description(String output) throws Exception {
    Path file = Path.of(output, "model.json");
    return ModelDescription.parse(Files.readAllBytes(file), file.toString());
  }

  @Test
  void whatItTrainsIsEvaluatedByTheTorchEngine() {
    String output = output("run");
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      TrainingFixture.run(
          spark,
          dataset,
          output,
          TrainJob.Mode.CONTINUE,
          train(
              "dl4j",
              "replicas",
              3,
              "epochs",
              6,
              "optimizer",
              Map.of("name", "adam", "learningRate", 0.02)));
    }
    try (LoadedModel loaded = ModelDirectory.open(storage, output).load(Device.cpu())) {
      BoundModel model = assertInstanceOf(BoundModel.class, loaded.model());
      double[] nats = model.elbo(dataset.shard("valid", 0).batch(0, 20), 10, RandomKey.of(1));
      double mean = Arrays.stream(nats).average().orElseThrow();
      // 12 pixels at random are 12 ln 2 = 8.3 nats.
      assertTrue(mean > -8.2 && mean < -4, "mean is " + mean);
    }
  }

  /** With the updaters' state: Adam without its moments would end elsewhere. */
  @Test
  void goesOnWhereItWas() {
    Map<String, Object> train = train("dl4j");
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      TrainingFixture.run(spark, dataset, output("whole"), TrainJob.Mode.CONTINUE, train);
      assertThrows(
          Refusal.class,
          () ->
              TrainingFixture.run(
                  spark,
                  dataset,
                  output("parts"),
                  train,
                  LossTest.afterRound(
                      2,
                      () -> {
                        throw new Refusal(Refusal.Kind.INTERRUPTED, "the driver is gone");
                      })));
      TrainingFixture.run(spark, dataset, output("parts"), TrainJob.Mode.RESUME, train);
    }
    assertArrayEquals(
        TrainingFixture.parameters(output("whole")), TrainingFixture.parameters(output("parts")));
    assertEquals(
        TrainingFixture.metrics(output("whole")), TrainingFixture.metrics(output("parts")));
  }

  @Test
  void executorsOfTheirOwnGiveTheSameBytesAsThreads() {
    Map<String, Object> train = train("dl4j", "epochs", 1);
    try (JavaSparkContext spark = LayoutTest.spark("local[1]")) {
      TrainingFixture.run(spark, dataset, output("threads"), TrainJob.Mode.CONTINUE, train);
    }
    try (JavaSparkContext spark = Executors.start(2, 1)) {
      TrainingFixture.run(spark, dataset, output("executors"), TrainJob.Mode.CONTINUE, train);
    }
    assertArrayEquals(
        TrainingFixture.parameters(output("threads")),
        TrainingFixture.parameters(output("executors")));
  }

  @Test
  void bothPlayersOfAGameLearn() {
    String output = output("game");
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      TrainingFixture.run(
          spark,
          dataset,
          output,
          TrainJob.Mode.CONTINUE,
          train("dl4j"),
          "gan",
          Map.of(
              "hidden",
              List.of(8),
              "latent",
              2,
              "generatorOptimizer",
              Map.of("name", "adam", "learningRate", 0.003)));
    }
    Map<String, Object> first = TrainingFixture.metrics(output).get(0);
    assertTrue(first.containsKey("discriminator_objective"), first.toString());
    assertTrue(first.containsKey("generator_objective"), first.toString());
  }

  @Test
  void divergenceStops() {
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      Refusal refusal =
          assertThrows(
              Refusal.class,
              () ->
                  TrainingFixture.run(
                      spark,
                      dataset,
                      output("diverged"),
                      TrainJob.Mode.CONTINUE,
                      train(
                          "dl4j",
                          "optimizer",
                          Map.of("name", "sgd", "learningRate", 1e5, "momentum", 0))));
      assertEquals(Refusal.Kind.DIVERGED, refusal.kind(), refusal.getMessage());
    }
  }

  @Test
  void aDamagedShardIsNamed() throws Exception {
    Path shard = folder.resolve("data/train/shard-1.parquet");
    byte[] bytes = Files.readAllBytes(shard);
    bytes[bytes.length / 2] ^= 1;
    Files.write(shard, bytes);
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      Refusal refusal =
          assertThrows(
              Refusal.class,
              () ->
                  TrainingFixture.run(
                      spark, dataset, output("damaged"), TrainJob.Mode.CONTINUE, train("dl4j")));
      assertEquals(Refusal.Kind.DATA, refusal.kind());
      assertTrue(refusal.getMessage().contains("shard-1.parquet"), refusal.getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ema, 0.9",
    "precision, bfloat16",
    "device, cuda",
    "transport, gloo",
    "strategy, gradient-sharing"
  })
  void whatItCannotDoIsSaidBeforeAnythingStarts(String key, String value) {
    Object typed = key.equals("ema") ? Double.valueOf(value) : value;
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      Refusal refusal =
          assertThrows(
              Refusal.class,
              () ->
                  TrainingFixture.run(
                      spark,
                      dataset,
                      output("refused"),
                      TrainJob.Mode.CONTINUE,
                      train("dl4j", key, typed)));
      assertEquals(Refusal.Kind.SPEC, refusal.kind());
      assertTrue(
          refusal.getMessage().startsWith("engine is dl4j and " + key), refusal.getMessage());
    }
  }

  @Test
  void aGradientPenaltyIsRefused() {
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      Refusal refusal =
          assertThrows(
              Refusal.class,
              () ->
                  TrainingFixture.run(
                      spark,
                      dataset,
                      output("refused"),
                      TrainJob.Mode.CONTINUE,
                      train("dl4j"),
                      "gan",
                      Map.of("hidden", List.of(8), "latent", 2, "gradientPenalty", 1)));
      assertEquals(Refusal.Kind.SPEC, refusal.kind());
      assertTrue(refusal.getMessage().contains("gradientPenalty: 0"), refusal.getMessage());
    }
  }
}
