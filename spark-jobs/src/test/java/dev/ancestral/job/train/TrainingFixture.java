package dev.ancestral.job.train;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.Example;
import dev.ancestral.data.ShardEntry;
import dev.ancestral.data.ShardWriter;
import dev.ancestral.data.Storage;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.job.train.checkpoint.TrainRequest;
import dev.ancestral.job.train.replica.TrainingContext;
import dev.ancestral.job.train.spec.TrainSpec;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Network;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.ParameterLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;

/** A small binary data set and training runs on it. */
final class TrainingFixture {
  static final int PIXELS = 12;

  private TrainingFixture() {}

  /** Two prototypes with flipped pixels, in uneven shards. */
  static Dataset dataset(Storage storage, String folder) {
    return dataset(storage, folder, EventSpec.discrete(2, PIXELS));
  }

  /** The same with the prototype as label. */
  static Dataset labelled(Storage storage, String folder) {
    return dataset(storage, folder, EventSpec.discrete(2, PIXELS).withClasses(2));
  }

  /** The same as an event of another shape with as many pixels. */
  static Dataset dataset(Storage storage, String folder, EventSpec event) {
    Map<String, DatasetManifest.Split> splits = new LinkedHashMap<>();
    long id = 0;
    for (String split : List.of("train", "valid")) {
      int[] sizes = split.equals("train") ? new int[] {70, 41, 90, 22} : new int[] {30, 11};
      List<ShardEntry> shards = new ArrayList<>();
      for (int size : sizes) {
        List<Example> examples = new ArrayList<>();
        for (int i = 0; i < size; i++) {
          int label = event.hasLabels() ? prototype(id) : Example.NONE;
          examples.add(new Example(id, pixels(id), label, Example.NONE));
          id++;
        }
        shards.add(
            ShardWriter.write(
                storage,
                storage.path(folder),
                split + "/shard-" + shards.size() + ".parquet",
                event,
                examples.iterator()));
      }
      splits.put(split, new DatasetManifest.Split("test", OptionalDouble.empty(), shards));
    }
    storage.commit(
        new org.apache.hadoop.fs.Path(storage.path(folder), DatasetManifest.FILE),
        new DatasetManifest("toy", event, splits).toJson());
    return Dataset.open(storage, folder);
  }

  private static int prototype(long id) {
    return (int) (RandomKey.of(5).fold(id).bits(0) & 1);
  }

  private static byte[] pixels(long id) {
    RandomKey key = RandomKey.of(5).fold(id);
    int prototype = prototype(id);
    byte[] pixels = new byte[PIXELS];
    for (int i = 0; i < PIXELS; i++) {
      boolean on = (i % 2 == prototype) != (key.uniform(1 + i) < 0.1);
      pixels[i] = (byte) (on ? 1 : 0);
    }
    return pixels;
  }

  /** A run whose replicas only meet. */
  static TrainingContext withoutData(String id, int replicas, int deadlineSeconds) {
    TrainSpec spec = TrainSpec.read(Settings.of(Map.of("deadlineSeconds", deadlineSeconds)));
    return new TrainingContext(
        id, 1, null, spec, replicas, null, null, null, null, null, null, 1, null, null);
  }

  /** The keys under {@code train:}; pairs of key and value. */
  static Map<String, Object> train(Object... keysAndValues) {
    Map<String, Object> train = new LinkedHashMap<>();
    train.put("epochs", 3);
    train.put("batchSize", 8);
    train.put("averagingFrequency", 3);
    train.put("roundSteps", 6);
    train.put("deadlineSeconds", 60);
    train.put("validation", Map.of("everyRounds", 2, "limit", 20));
    for (int i = 0; i < keysAndValues.length; i += 2) {
      train.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return train;
  }

  /** Trains a small VAE. */
  static TrainJob.Result run(
      JavaSparkContext spark,
      Dataset dataset,
      String output,
      TrainJob.Mode mode,
      Map<String, Object> train) {
    return run(
        spark, dataset, output, mode, train, "vae", Map.of("hidden", List.of(8), "latent", 2));
  }

  static TrainJob.Result run(
      JavaSparkContext spark,
      Dataset dataset,
      String output,
      TrainJob.Mode mode,
      Map<String, Object> train,
      String family,
      Map<String, Object> model) {
    return run(spark, dataset, output, mode, train, family, model, ProgressListener.silent());
  }

  static TrainJob.Result run(
      JavaSparkContext spark,
      Dataset dataset,
      String output,
      TrainJob.Mode mode,
      Map<String, Object> train,
      String family,
      Map<String, Object> model,
      ProgressListener progress) {
    Settings settings = Settings.of(train);
    TrainSpec spec = TrainSpec.read(settings);
    if (!settings.problems().isEmpty()) {
      throw new IllegalArgumentException(settings.problems().toString());
    }
    Map<String, Object> document = new HashMap<>();
    document.put("train", train);
    return new TrainJob(
            spark,
            new Storage(spark.hadoopConfiguration()),
            dataset,
            new TrainRequest(11, family, model, "none", spec, output, document),
            progress)
        .run(mode);
  }

  /** Trains a small VAE, telling how it goes. */
  static TrainJob.Result run(
      JavaSparkContext spark,
      Dataset dataset,
      String output,
      Map<String, Object> train,
      ProgressListener progress) {
    return run(
        spark,
        dataset,
        output,
        TrainJob.Mode.CONTINUE,
        train,
        "vae",
        Map.of("hidden", List.of(8), "latent", 2),
        progress);
  }

  /** The metrics of a run without what depends on time and on the transport. */
  static List<Map<String, Object>> metrics(String output) {
    List<Map<String, Object>> lines = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(Path.of(output, "metrics.jsonl"))) {
        Map<String, Object> values =
            new ObjectMapper()
                .readValue(line, new TypeReference<LinkedHashMap<String, Object>>() {});
        values.keySet().removeIf(key -> key.contains("second") || key.equals("bytes_exchanged"));
        lines.add(values);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return lines;
  }

  /** All weights that a run ended with, in the order of their tensors. */
  static float[] weights(String output) {
    ModelDirectory model = ModelDirectory.open(new Storage(new Configuration()), output);
    ParameterLayout layout = ((Network) model.definition()).parameters();
    float[] weights = new float[Math.toIntExact(layout.size())];
    model.readParameters(
        layout, (offset, from) -> from.get(weights, Math.toIntExact(offset), from.remaining()));
    return weights;
  }

  /** The parameters that a run ended with. */
  static byte[] parameters(String output) {
    try {
      return Files.readAllBytes(Path.of(output, "parameters.safetensors"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
