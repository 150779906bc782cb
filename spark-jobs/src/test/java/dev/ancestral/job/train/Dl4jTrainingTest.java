package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.checkpoint.ModelDescription;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.Executors;
import dev.ancestral.job.model.LoadedModel;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.train.checkpoint.CheckpointStore;
import dev.ancestral.model.BoundModel;
import dev.ancestral.model.EventSpec;
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
import org.junit.jupiter.api.Tag;
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
  void averages_as_the_torch_engine_does(String optimizer, double rate, double tolerance)
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
    return new CheckpointStore(storage, output).latest().orElseThrow().ledgers();
  }

  private static ModelDescription description(String output) throws Exception {
    Path file = Path.of(output, "model.json");
    return ModelDescription.parse(Files.readAllBytes(file), file.toString());
  }

  @ParameterizedTest
  @CsvSource({"pixelcnn", "wavenet"})
  void exact_models_learn_as_on_the_torch_engine(String family) {
    boolean sequences = family.equals("wavenet");
    String uri = folder.resolve(family + "-data").toString();
    Dataset own =
        sequences
            ? ChunkedSequencesTest.sequences(storage, uri)
            : TrainingFixture.dataset(storage, uri, EventSpec.discrete(2, 4, 3, 1));
    Map<String, Object> model =
        sequences
            ? Map.of("channels", 4, "skipChannels", 6, "dilations", List.of(1, 2), "chunk", 8)
            : Map.of("channels", 4, "layers", 2, "head", "bernoulli");
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      for (String engine : List.of("torch", "dl4j")) {
        TrainingFixture.run(
            spark,
            own,
            output(engine),
            TrainJob.Mode.CONTINUE,
            train(engine, "optimizer", Map.of("name", "adam", "learningRate", 0.01)),
            family,
            model);
      }
    }
    List<Double> torch = nats(output("torch"), "train_nats");
    List<Double> dl4j = nats(output("dl4j"), "train_nats");
    assertEquals(torch.size(), dl4j.size());
    for (int round = 0; round < torch.size(); round++) {
      assertEquals(torch.get(round), dl4j.get(round), 0.01, "round " + (round + 1));
    }
    assertTrue(dl4j.get(dl4j.size() - 1) > dl4j.get(0) + 0.1, dl4j.toString());
  }

  static List<Double> nats(String output, String key) {
    return TrainingFixture.metrics(output).stream()
        .filter(line -> line.get(key) instanceof Number)
        .map(line -> ((Number) line.get(key)).doubleValue())
        .toList();
  }

  /**
   * What one engine has trained the other begins with: the objective of the first step, before
   * anything has moved, is that of the same parameters, examples and noise.
   */
  @ParameterizedTest
  @CsvSource({"torch, dl4j", "dl4j, torch"})
  void checkpoints_cross_the_engines(String first, String second) {
    String trained = output("trained");
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      TrainingFixture.run(
          spark,
          dataset,
          trained,
          TrainJob.Mode.CONTINUE,
          train(first, "epochs", 4, "optimizer", Map.of("name", "adam", "learningRate", 0.02)));
      for (String engine : List.of(first, second)) {
        Map<String, Object> one = train(engine, "initialize", trained, "steps", 1);
        one.remove("epochs");
        TrainingFixture.run(spark, dataset, output("one-" + engine), TrainJob.Mode.CONTINUE, one);
      }
      TrainingFixture.run(
          spark,
          dataset,
          output("further"),
          TrainJob.Mode.CONTINUE,
          train(second, "initialize", trained, "epochs", 4));
    }
    List<Double> own = nats(output("one-" + first), "train_nats");
    assertEquals(1, own.size());
    assertEquals(own.get(0), nats(output("one-" + second), "train_nats").get(0), 1e-4);
    List<Double> before = nats(trained, "valid_nats");
    List<Double> after = nats(output("further"), "valid_nats");
    assertTrue(before.get(0) < -7.5, "it has learned little at first: " + before);
    assertTrue(
        after.get(0) > before.get(0) + 0.3, "it goes on from there: " + before + " " + after);
  }

  @Test
  void another_models_parameters_are_refused() {
    String trained = output("trained");
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      TrainingFixture.run(
          spark, dataset, trained, TrainJob.Mode.CONTINUE, train("torch", "epochs", 1));
      AncestralException refusal =
          assertThrows(
              AncestralException.class,
              () ->
                  TrainingFixture.run(
                      spark,
                      dataset,
                      output("wider"),
                      TrainJob.Mode.CONTINUE,
                      train("dl4j", "initialize", trained),
                      "vae",
                      Map.of("hidden", List.of(9), "latent", 2)));
      assertEquals(ErrorCode.MISMATCH, refusal.code());
      assertTrue(
          refusal.getMessage().contains("[9, 12] here and [8, 12] there")
              || refusal.getMessage().contains("[12, 9] here and [12, 8] there"),
          refusal.getMessage());
      AncestralException nowhere =
          assertThrows(
              AncestralException.class,
              () ->
                  TrainingFixture.run(
                      spark,
                      dataset,
                      output("nowhere"),
                      TrainJob.Mode.CONTINUE,
                      train("torch", "initialize", output("nothing"))));
      assertEquals(ErrorCode.DATA, nowhere.code());
      AncestralException counted =
          assertThrows(
              AncestralException.class,
              () ->
                  TrainingFixture.run(
                      spark,
                      dataset,
                      output("counted"),
                      TrainJob.Mode.CONTINUE,
                      train("torch", "initialize", trained),
                      "naive-bayes",
                      Map.of("likelihood", "bernoulli", "classes", "none")));
      assertEquals(ErrorCode.SPEC, counted.code());
    }
  }

  @Test
  void what_it_trains_is_evaluated_by_the_torch_engine() {
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
  void goes_on_where_it_was() {
    Map<String, Object> train = train("dl4j");
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      TrainingFixture.run(spark, dataset, output("whole"), TrainJob.Mode.CONTINUE, train);
      assertThrows(
          AncestralException.class,
          () ->
              TrainingFixture.run(
                  spark,
                  dataset,
                  output("parts"),
                  train,
                  LossTest.afterRound(
                      2,
                      () -> {
                        throw new AncestralException(ErrorCode.INTERRUPTED, "the driver is gone");
                      })));
      TrainingFixture.run(spark, dataset, output("parts"), TrainJob.Mode.RESUME, train);
    }
    assertArrayEquals(
        TrainingFixture.parameters(output("whole")), TrainingFixture.parameters(output("parts")));
    assertEquals(
        TrainingFixture.metrics(output("whole")), TrainingFixture.metrics(output("parts")));
  }

  @Test
  @Tag("cluster")
  void executors_of_their_own_give_the_same_bytes_as_threads() {
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
  void both_players_of_a_game_learn() {
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
  void divergence_stops() {
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      AncestralException refusal =
          assertThrows(
              AncestralException.class,
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
      assertEquals(ErrorCode.DIVERGED, refusal.code(), refusal.getMessage());
    }
  }

  @Test
  void a_damaged_shard_is_named() throws Exception {
    Path shard = folder.resolve("data/train/shard-1.parquet");
    byte[] bytes = Files.readAllBytes(shard);
    bytes[bytes.length / 2] ^= 1;
    Files.write(shard, bytes);
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      AncestralException refusal =
          assertThrows(
              AncestralException.class,
              () ->
                  TrainingFixture.run(
                      spark, dataset, output("damaged"), TrainJob.Mode.CONTINUE, train("dl4j")));
      assertEquals(ErrorCode.DATA, refusal.code());
      assertTrue(refusal.getMessage().contains("shard-1.parquet"), refusal.getMessage());
    }
  }

  @ParameterizedTest
  @CsvSource({"ema, 0.9", "precision, bfloat16", "device, cuda", "transport, gloo"})
  void what_it_cannot_do_is_said_before_anything_starts(String key, String value) {
    Object typed = key.equals("ema") ? Double.valueOf(value) : value;
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      AncestralException refusal =
          assertThrows(
              AncestralException.class,
              () ->
                  TrainingFixture.run(
                      spark,
                      dataset,
                      output("refused"),
                      TrainJob.Mode.CONTINUE,
                      train("dl4j", key, typed)));
      assertEquals(ErrorCode.SPEC, refusal.code());
      assertTrue(
          refusal.getMessage().startsWith("engine is dl4j and " + key), refusal.getMessage());
    }
  }

  @Test
  void a_gradient_penalty_is_refused() {
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      AncestralException refusal =
          assertThrows(
              AncestralException.class,
              () ->
                  TrainingFixture.run(
                      spark,
                      dataset,
                      output("refused"),
                      TrainJob.Mode.CONTINUE,
                      train("dl4j"),
                      "gan",
                      Map.of("hidden", List.of(8), "latent", 2, "gradientPenalty", 1)));
      assertEquals(ErrorCode.SPEC, refusal.code());
      assertTrue(refusal.getMessage().contains("gradientPenalty: 0"), refusal.getMessage());
    }
  }
}
