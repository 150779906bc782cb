package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.checkpoint.Safetensors;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Shard;
import dev.ancestral.data.Storage;
import dev.ancestral.job.Fixtures;
import dev.ancestral.job.model.LoadedModel;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.job.train.checkpoint.TrainRequest;
import dev.ancestral.job.train.spec.TrainSpec;
import dev.ancestral.likelihood.Moments;
import dev.ancestral.model.Batch;
import dev.ancestral.model.BoundModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.dequantization.Dequantization;
import dev.ancestral.model.dequantization.ModelledEvent;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.NamedArrays;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The event that a run is fitted to is the event that it is scored and drawn by. */
class ModelledEventTest {
  @TempDir private Path folder;

  @Test
  void training_and_validation_count_the_same_nats() {
    Map<String, Object> train =
        TrainingFixture.train("replicas", 2, "epochs", 4, "validation", Map.of("everyRounds", 1));
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      Storage storage = new Storage(spark.hadoopConfiguration());
      Dataset dataset = TrainingFixture.dataset(storage, folder.resolve("data").toString());
      Map<String, Object> model =
          Map.of("hidden", List.of(8), "latent", 2, "likelihood", "gaussian");
      String output = folder.resolve("run").toString();
      new TrainJob(
              spark,
              storage,
              dataset,
              new TrainRequest(
                  11,
                  "vae",
                  model,
                  "uniform",
                  TrainSpec.read(Settings.of(train)),
                  output,
                  Map.of("train", train)),
              ProgressListener.silent())
          .run(TrainJob.Mode.CONTINUE);
      List<Map<String, Object>> lines = TrainingFixture.metrics(output);
      Map<String, Object> last = lines.get(lines.size() - 1);
      double trainNats = ((Number) last.get("train_nats")).doubleValue();
      double validNats = ((Number) last.get("valid_nats")).doubleValue();
      // Both bound log P of twelve bits; in nats of the density they would be 12 log 2 = 8.3 apart.
      assertEquals(validNats, trainNats, 3);
      assertTrue(trainNats < 0, "train " + trainNats);
    }
  }

  /** The example of 3-bit data that was fitted as raw levels and scored in [0, 1). */
  @Test
  void a_density_learnt_from_statistics_is_fitted_to_what_it_scores() throws IOException {
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      Storage storage = new Storage(spark.hadoopConfiguration());
      Dataset dataset = threeBits(storage);
      String output = folder.resolve("gaussian").toString();
      statistics(spark, storage, dataset, "naive-bayes", Map.of("likelihood", "gaussian"), output);
      NamedArrays parameters = parameters(storage, output);

      Batch seen = dequantized(dataset, "train", RandomKey.of(11).fold("train").fold("dequantize"));
      Batch stored = all(dataset, "train");
      for (int d = 0; d < 3; d++) {
        double mean = 0;
        double variance = 0;
        double expected = 0;
        for (int i = 0; i < seen.size(); i++) {
          mean += seen.values()[3 * i + d] / seen.size();
          expected += (stored.values()[3 * i + d] + 0.5) / 8 / stored.size();
        }
        for (int i = 0; i < seen.size(); i++) {
          variance += Math.pow(seen.values()[3 * i + d] - mean, 2) / seen.size();
        }
        assertEquals(mean, parameters.array("mean", 1, 3)[d], 1e-9);
        assertEquals(variance, parameters.array("variance", 1, 3)[d], 1e-9);
        // Noise of variance 1/12 in a cell of width 1/8.
        double error = Math.sqrt(1 / 12.0 / seen.size()) / 8;
        assertEquals(expected, parameters.array("mean", 1, 3)[d], 4 * error);
      }

      RandomKey key = RandomKey.of(3);
      Batch valid = all(dataset, "valid");
      try (LoadedModel loaded = ModelDirectory.open(storage, output).load(Device.cpu())) {
        double[] elbo = ((BoundModel) loaded.model()).elbo(valid, 1, key);
        Batch noisy = Dequantization.apply(valid, key.fold(0).fold("dequantization"));
        for (int i = 0; i < valid.size(); i++) {
          double nats = -3 * Math.log(8);
          for (int d = 0; d < 3; d++) {
            double variance = parameters.array("variance", 1, 3)[d];
            double away = noisy.values()[3 * i + d] - parameters.array("mean", 1, 3)[d];
            nats -= (Math.log(2 * Math.PI * variance) + away * away / variance) / 2;
          }
          assertEquals(nats, elbo[i], 1e-9);
        }
        // Levels of draws have the mean of the levels of the data.
        long[] ids = LongStream.range(0, 2000).toArray();
        Batch drawn = loaded.model().sample(ids, key, SampleRequest.plain());
        double mean = Moments.of(doubles(drawn.values())).mean();
        Moments data = Moments.of(doubles(stored.values()));
        double error = Math.sqrt(data.variance() / 6000);
        assertEquals(data.mean(), mean, 5 * error + 0.1); // 0.1: what falls outside of [0, 1)
      }
    }
  }

  @Test
  void passes_see_the_same_noise_and_valid_chooses_among_restarts() throws IOException {
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      Storage storage = new Storage(spark.hadoopConfiguration());
      Dataset dataset = threeBits(storage);
      String output = folder.resolve("mixture").toString();
      int passes = 6;
      Map<String, Object> model =
          Map.of(
              "likelihood", "gaussian", "components", 3, "iterations", passes - 1, "restarts", 2);
      statistics(spark, storage, dataset, "naive-bayes", model, output);
      List<Map<String, Object>> lines = TrainingFixture.metrics(output);
      assertEquals(2 * passes, lines.size());
      double best = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < lines.size(); i++) {
        if (i % passes > 1) {
          double before = ((Number) lines.get(i - 1).get("train_nats")).doubleValue();
          double after = ((Number) lines.get(i).get("train_nats")).doubleValue();
          // New noise in a pass would move it by about 0.02 nats, up or down.
          assertTrue(after >= before - 1e-12, "pass " + i + ": " + before + ", then " + after);
        }
        if (lines.get(i).containsKey("valid_nats")) {
          best = Math.max(best, ((Number) lines.get(i).get("valid_nats")).doubleValue());
        }
      }
      // The restart that is kept is the one that scores best on the split valid.
      RandomKey noise = RandomKey.of(11).fold("train").fold("validation").fold("noise");
      try (LoadedModel loaded = ModelDirectory.open(storage, output).load(Device.cpu())) {
        double[] nats = ((BoundModel) loaded.model()).elbo(all(dataset, "valid"), 1, noise);
        assertEquals(best, Moments.of(nats).mean(), 1e-12);
        assertTrue(best < 0, "nats of levels, not of a density: " + best);
      }
    }
  }

  /** Three elements of 8 levels that depend on each other; 500 examples and 120 held out. */
  private Dataset threeBits(Storage storage) {
    String data = folder.resolve("three-bits").toString();
    Fixtures fixtures = new Fixtures(storage);
    fixtures.stored(data, "train", levels(0, 500), 180);
    fixtures.stored(data, "valid", levels(500, 120), 70);
    return Dataset.open(storage, data);
  }

  private static Batch levels(long first, int count) {
    float[] values = new float[3 * count];
    for (int i = 0; i < count; i++) {
      RandomKey own = RandomKey.of(8).fold(first + i);
      boolean high = own.uniform(0) < 0.4;
      for (int d = 0; d < 3; d++) {
        values[3 * i + d] = (high ? 4 : 1) + own.below(1 + d, 3);
      }
    }
    long[] ids = LongStream.range(first, first + count).toArray();
    return Batch.of(EventSpec.discrete(8, 3), ids, values);
  }

  private static void statistics(
      JavaSparkContext spark,
      Storage storage,
      Dataset dataset,
      String family,
      Map<String, Object> model,
      String output) {
    TrainSpec spec = TrainSpec.read(Settings.of(Map.of()));
    new TrainJob(
            spark,
            storage,
            dataset,
            new TrainRequest(11, family, model, "uniform", spec, output, Map.of()),
            ProgressListener.silent())
        .run(TrainJob.Mode.CONTINUE);
  }

  private static NamedArrays parameters(Storage storage, String output) throws IOException {
    byte[] file =
        storage.read(
            new org.apache.hadoop.fs.Path(storage.path(output), ModelDirectory.PARAMETERS));
    return Safetensors.readArrays(new ByteArrayInputStream(file), output);
  }

  /** All examples of a split with the noise of a key. */
  private static Batch dequantized(Dataset dataset, String split, RandomKey key) {
    return Dequantization.apply(all(dataset, split), key);
  }

  private static Batch all(Dataset dataset, String split) {
    int shards = dataset.split(split).shards().size();
    List<Shard> source = new ArrayList<>();
    List<Integer> rows = new ArrayList<>();
    for (int index = 0; index < shards; index++) {
      Shard shard = dataset.shard(split, index);
      for (int row = 0; row < shard.size(); row++) {
        source.add(shard);
        rows.add(row);
      }
    }
    return Shard.batch(
        dataset.event(),
        source.toArray(Shard[]::new),
        rows.stream().mapToInt(Integer::intValue).toArray());
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }

  @Test
  void the_cells_of_sequences_are_not_one_number() {
    EventSpec image = EventSpec.discrete(4, 3, 2);
    assertEquals(
        6 * Math.log(4), ModelledEvent.of(image, "uniform").cellNats().orElseThrow(), 1e-12);
    assertEquals(OptionalDouble.of(0), ModelledEvent.of(image, "none").cellNats());
    ModelledEvent missing = ModelledEvent.of(image.withMissing(true), "uniform");
    assertEquals(OptionalDouble.empty(), missing.cellNats());
  }
}
