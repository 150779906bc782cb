package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.Example;
import dev.ancestral.data.ShardEntry;
import dev.ancestral.data.ShardWriter;
import dev.ancestral.data.Storage;
import dev.ancestral.model.EventSpec;
import dev.ancestral.random.RandomKey;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training on parts of sequences: which part is seen depends on the seed and the epoch alone. */
class ChunkedSequencesTest {
  private static final int LEVELS = 4;

  @TempDir Path folder;
  private Dataset dataset;

  @BeforeEach
  void data() {
    dataset = sequences(new Storage(new Configuration()), folder.resolve("data").toString());
  }

  /** Levels that mostly repeat, in sequences of 1 to 30 steps. */
  static Dataset sequences(Storage storage, String uri) {
    EventSpec event =
        new EventSpec(List.of(1), new EventSpec.Discrete(LEVELS), true, 0, List.of(), 0);
    Map<String, DatasetManifest.Split> splits = new LinkedHashMap<>();
    long id = 0;
    for (String split : List.of("train", "valid")) {
      List<Example> examples = new ArrayList<>();
      for (int i = 0; i < 60; i++) {
        RandomKey key = RandomKey.of(8).fold(id);
        byte[] levels = new byte[1 + (int) (id * 7 % 30)];
        for (int t = 1; t < levels.length; t++) {
          levels[t] = key.uniform(t) < 0.9 ? levels[t - 1] : (byte) key.below(100 + t, LEVELS);
        }
        examples.add(new Example(id++, levels, Example.NONE, levels.length));
      }
      ShardEntry shard =
          ShardWriter.write(
              storage, storage.path(uri), split + "/shard-0.parquet", event, examples.iterator());
      splits.put(split, new DatasetManifest.Split("test", OptionalDouble.empty(), List.of(shard)));
    }
    storage.commit(
        new org.apache.hadoop.fs.Path(storage.path(uri), DatasetManifest.FILE),
        new DatasetManifest("toy", event, splits).toJson());
    return Dataset.open(storage, uri);
  }

  private String train(String name, int chunk, Map<String, Object> train) {
    String output = folder.resolve(name).toString();
    Map<String, Object> model =
        Map.of("channels", 4, "skipChannels", 6, "dilations", List.of(1, 2), "chunk", chunk);
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      TrainingFixture.run(spark, dataset, output, TrainJob.Mode.CONTINUE, train, "wavenet", model);
    }
    return output;
  }

  private static Map<String, Object> spec(String transport) {
    return TrainingFixture.train(
        "transport",
        transport,
        "replicas",
        2,
        "epochs",
        6,
        "optimizer",
        Map.of("learningRate", 0.02));
  }

  @Test
  void learns_the_same_on_any_transport() {
    String gloo = train("gloo", 8, spec("gloo"));
    String shuffle = train("spark", 8, spec("spark"));
    assertArrayEquals(TrainingFixture.parameters(gloo), TrainingFixture.parameters(shuffle));
    assertEquals(TrainingFixture.metrics(gloo), TrainingFixture.metrics(shuffle));
    List<Map<String, Object>> metrics = TrainingFixture.metrics(gloo);
    double first = ((Number) metrics.get(0).get("train_nats")).doubleValue();
    double last = ((Number) metrics.get(metrics.size() - 1).get("train_nats")).doubleValue();
    assertTrue(last > first + 2, first + " to " + last);
  }

  @Test
  void chunks_see_less_than_the_sequences() {
    String whole = train("whole", 30, spec("gloo"));
    String longer = train("longer", 1000, spec("gloo"));
    String parts = train("parts", 5, spec("gloo"));
    assertEquals(TrainingFixture.metrics(whole), TrainingFixture.metrics(longer));
    assertFalse(TrainingFixture.metrics(whole).equals(TrainingFixture.metrics(parts)));
  }
}
