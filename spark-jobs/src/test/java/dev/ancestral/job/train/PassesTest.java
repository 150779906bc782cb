package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.checkpoint.Safetensors;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.Fixtures;
import dev.ancestral.job.model.LoadedModel;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.job.train.checkpoint.TrainRequest;
import dev.ancestral.job.train.spec.TrainSpec;
import dev.ancestral.likelihood.Moments;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.NamedArrays;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** EM of a mixture that is far too rich for its few examples. */
class PassesTest {
  private static final int PASSES = 25;

  @TempDir Path folder;

  @Test
  void the_best_pass_by_valid_is_kept_and_passes_end_early_whatever_the_layout_or_interruptions()
      throws Exception {
    byte[] first = null;
    for (int slots : new int[] {1, 2, 7}) {
      String output = folder.resolve("on-" + slots).toString();
      try (JavaSparkContext spark = LayoutTest.spark("local[" + slots + "]")) {
        if (slots == 2) { // Interrupted once before and once after the pass that is kept.
          for (int pass : new int[] {2, 5}) {
            assertThrows(Stopped.class, () -> train(spark, output, Map.of(), new StopsAt(pass)));
          }
        }
        TrainJob.Result result = train(spark, output, Map.of(), ProgressListener.silent());
        first = first == null ? TrainingFixture.parameters(output) : first;
        assertArrayEquals(first, TrainingFixture.parameters(output));
        List<Map<String, Object>> lines = TrainingFixture.metrics(output);
        int kept = best(lines);
        assertEquals(kept + 10 + 1, lines.size(), "ten passes that were no better");
        assertTrue(lines.size() < PASSES, "passes: " + lines.size());
        assertEquals(lines.size(), result.steps());
        double nats = ((Number) lines.get(kept).get("valid_nats")).doubleValue();
        assertTrue(
            result.message().contains("; kept pass " + (kept + 1) + ", the best on valid: -"),
            result.message());
        ModelDirectory model = ModelDirectory.open(storage(spark), output);
        Map<String, Object> provenance = model.description().provenance();
        assertEquals(kept + 1, provenance.get("iterations"));
        assertEquals(lines.size(), provenance.get("passes"));
        assertEquals(nats, provenance.get("best_valid_nats"));
        try (LoadedModel loaded = model.load(Device.cpu())) {
          double[] scores = ((ExactModel) loaded.model()).logProb(bits(1000, 60));
          assertEquals(nats, Moments.of(scores).mean(), 1e-12);
        }
      }
    }
  }

  @Test
  void without_patience_all_passes_are_made_and_the_best_is_still_kept() throws Exception {
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      String output = folder.resolve("all").toString();
      TrainJob.Result result =
          train(
              spark,
              output,
              Map.of("earlyStopping", Map.of("patience", 0)),
              ProgressListener.silent());
      List<Map<String, Object>> lines = TrainingFixture.metrics(output);
      assertEquals(PASSES, lines.size());
      int kept = best(lines);
      assertTrue(kept < PASSES - 1);
      assertTrue(result.message().contains("; kept pass " + (kept + 1) + ","));
    }
  }

  @Test
  void statistics_of_many_shards_merge_on_executors_by_a_tree_of_fixed_shape() throws Exception {
    int examples = 8 * 16 + 9; // Two levels: the second of two nodes has a child of one shard.
    Map<String, Object> closedForm = Map.of("likelihood", "bernoulli");
    Map<String, Object> mixture =
        Map.of("likelihood", "bernoulli", "components", 3, "iterations", 4, "restarts", 1);
    byte[] expected = null;
    for (int slots : new int[] {1, 5}) {
      try (JavaSparkContext spark = LayoutTest.spark("local[" + slots + "]")) {
        String many = data(storage(spark), "many-" + slots, examples, 1);
        String one = data(storage(spark), "one-" + slots, examples, examples);
        // Counts are whole numbers: their sums are the same in any order.
        byte[] counted = train(spark, many, closedForm);
        assertArrayEquals(train(spark, one, closedForm), counted);
        byte[] fitted = train(spark, many, mixture);
        expected = expected == null ? fitted : expected;
        assertArrayEquals(expected, fitted, "on " + slots + " slots");
        NamedArrays whole = arrays(train(spark, one, mixture));
        NamedArrays merged = arrays(fitted);
        assertEquals(whole.byName().keySet(), merged.byName().keySet());
        whole
            .byName()
            .forEach(
                (name, array) ->
                    assertArrayEquals(
                        array.values(), merged.byName().get(name).values(), 1e-10, name));
      }
    }
  }

  private String data(Storage storage, String name, int examples, int shardSize) {
    String uri = folder.resolve(name).toString();
    return new Fixtures(storage).stored(uri, "train", bits(0, examples), shardSize);
  }

  private byte[] train(JavaSparkContext spark, String data, Map<String, Object> model)
      throws IOException {
    String output = data + "-" + model.size();
    train(spark, output, data, model, Map.of(), ProgressListener.silent());
    return TrainingFixture.parameters(output);
  }

  private static NamedArrays arrays(byte[] file) throws IOException {
    return Safetensors.readArrays(new ByteArrayInputStream(file), "the fitted parameters");
  }

  private static int best(List<Map<String, Object>> lines) {
    int best = -1;
    double nats = Double.NEGATIVE_INFINITY;
    for (int i = 1; i < lines.size(); i++) { // The first pass looks for a starting point.
      double value = ((Number) lines.get(i).get("valid_nats")).doubleValue();
      if (value > nats) {
        nats = value;
        best = i;
      }
    }
    return best;
  }

  private static Storage storage(JavaSparkContext spark) {
    return new Storage(spark.hadoopConfiguration());
  }

  private TrainJob.Result train(
      JavaSparkContext spark, String output, Map<String, Object> train, ProgressListener progress) {
    Storage storage = storage(spark);
    String data = folder.resolve("data").toString();
    if (!folder.resolve("data").toFile().exists()) {
      Fixtures fixtures = new Fixtures(storage);
      fixtures.stored(data, "train", bits(0, 60), 6);
      fixtures.stored(data, "valid", bits(1000, 60), 25);
    }
    Map<String, Object> model =
        Map.of(
            "likelihood",
            "bernoulli",
            "components",
            6,
            "iterations",
            PASSES - 1,
            "smoothing",
            0.05);
    return train(spark, output, data, model, train, progress);
  }

  private static TrainJob.Result train(
      JavaSparkContext spark,
      String output,
      String data,
      Map<String, Object> model,
      Map<String, Object> train,
      ProgressListener progress) {
    Storage storage = storage(spark);
    return new TrainJob(
            spark,
            storage,
            Dataset.open(storage, data),
            new TrainRequest(
                4,
                "naive-bayes",
                model,
                "none",
                TrainSpec.read(Settings.of(train)),
                output,
                Map.of("train", train)),
            progress)
        .run(TrainJob.Mode.CONTINUE);
  }

  /** Ten bits, all of which go by one of two tendencies. */
  private static Batch bits(long first, int count) {
    EventSpec event = EventSpec.discrete(2, 10);
    float[] values = new float[10 * count];
    for (int i = 0; i < count; i++) {
      RandomKey own = RandomKey.of(21).fold(first + i);
      double share = own.uniform(0) < 0.5 ? 0.3 : 0.7;
      for (int d = 0; d < 10; d++) {
        values[10 * i + d] = own.uniform(1 + d) < share ? 1 : 0;
      }
    }
    return Batch.of(event, LongStream.range(first, first + count).toArray(), values);
  }

  private static final class Stopped extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** Ends the driver's work after a pass. */
  private static final class StopsAt implements ProgressListener {
    private final String detail;

    StopsAt(int pass) {
      detail = "pass " + pass + " of ";
    }

    @Override
    public void phase(String name) {}

    @Override
    public void update(double fraction, String now) {
      if (now.startsWith(detail)) {
        throw new Stopped();
      }
    }

    @Override
    public void message(String line) {}
  }
}
