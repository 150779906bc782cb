package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.Fixtures;
import dev.ancestral.job.LocalSpark;
import dev.ancestral.job.evaluate.EvaluateJob;
import dev.ancestral.job.evaluate.EvaluateRequest;
import dev.ancestral.job.evaluate.EvaluateSpec;
import dev.ancestral.job.evaluate.EvaluationReport;
import dev.ancestral.job.model.LoadedModel;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.job.twosample.TwoSampleJob;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.spark.SparkApplication;
import dev.ancestral.tensor.Device;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data with gaps from the shard to the report. */
class MissingElementsTest {
  private static final int EXAMPLES = 90;
  private static final int STEPS = 7;

  @TempDir Path folder;

  private final Storage storage = new Storage(new Configuration());
  private final Fixtures fixtures = new Fixtures(storage);

  /**
   * Two prototypes with noise, a fifth of whose elements are missing; sequences of uneven length.
   */
  private static Batch gappy(EventSpec event) {
    int steps = event.variableLength() ? STEPS : 1;
    float[] values = new float[EXAMPLES * steps * event.size()];
    int[] lengths = event.variableLength() ? new int[EXAMPLES] : null;
    for (int i = 0; i < EXAMPLES; i++) {
      RandomKey key = RandomKey.of(23).fold(i);
      int length = i == 0 ? steps : 1 + (int) key.below(10_000, steps);
      for (int d = 0; d < length * event.size(); d++) {
        boolean on = (d % 2 == i % 2) != key.uniform(d) < 0.15;
        values[i * steps * event.size() + d] =
            event.missing() && key.fold("gaps").uniform(d) < 0.2 ? Float.NaN : on ? 1 : 0;
      }
      if (lengths != null) {
        lengths[i] = length;
      }
    }
    long[] ids = LongStream.range(0, EXAMPLES).toArray();
    return new Batch(event, ids, values, null, lengths);
  }

  @Test
  void latent_classes_and_hidden_states_learn_and_score_what_is_observed() {
    EventSpec vector = EventSpec.discrete(2, 8).withMissing(true);
    learnsAndScores(
        vector,
        "naive-bayes",
        Map.of("likelihood", "bernoulli", "components", 2, "iterations", 20, "smoothing", 0));
    EventSpec steps =
        new EventSpec(List.of(2), new EventSpec.Discrete(2), true, 0, List.of(), 0, true);
    learnsAndScores(
        steps,
        "hmm",
        Map.of("states", 2, "emissions", "categorical", "iterations", 20, "smoothing", 0));
  }

  private void learnsAndScores(EventSpec event, String family, Map<String, Object> settings) {
    Batch all = gappy(event);
    String data = at(family + "-data");
    fixtures.stored(data, "train", all, 25);
    fixtures.stored(data, "test", all, 40);
    byte[] first = null;
    JavaSparkContext spark = new JavaSparkContext(LocalSpark.session().sparkContext());
    for (String run : List.of("a", "b")) {
      TrainingFixture.run(
          spark,
          Dataset.open(storage, data),
          at(family + run),
          TrainJob.Mode.CONTINUE,
          Map.of(),
          family,
          settings);
      byte[] parameters = TrainingFixture.parameters(at(family + run));
      first = first == null ? parameters : first;
      assertArrayEquals(first, parameters);
    }
    List<Map<String, Object>> passes = TrainingFixture.metrics(at(family + "a"));
    double before = Double.NEGATIVE_INFINITY;
    for (Map<String, Object> pass : passes) {
      if (pass.get("train_nats") instanceof Double nats) {
        assertTrue(nats >= before - 1e-9, passes::toString);
        before = nats;
      }
    }
    assertTrue(before < 0 && before > Double.NEGATIVE_INFINITY, passes::toString);
    EvaluationReport report = evaluate(at(family + "a"), data, Optional.empty());
    long observed = 0;
    for (int i = 0; i < EXAMPLES; i++) {
      observed += all.observedElements(i);
    }
    assertTrue(observed < LongStream.range(0, EXAMPLES).map(i -> all.elements((int) i)).sum());
    assertEquals(observed, report.likelihood().elements());
    try (LoadedModel loaded = ModelDirectory.open(storage, at(family + "a")).load(Device.cpu())) {
      double[] nats = ((ExactModel) loaded.model()).logProb(all);
      assertEquals(
          Arrays.stream(nats).average().orElseThrow(), report.likelihood().meanNats(), 1e-9);
    }
  }

  @Test
  void who_needs_all_elements_refuses() {
    EventSpec gaps = EventSpec.discrete(2, 8).withMissing(true);
    String data = at("gaps");
    fixtures.stored(data, "train", gappy(gaps), 50);
    fixtures.stored(data, "test", gappy(gaps), 50);
    JavaSparkContext spark = new JavaSparkContext(LocalSpark.session().sparkContext());
    Map<String, Object> vae = Map.of("hidden", List.of(4), "latent", 2);
    refused(
        "vae needs all elements",
        () ->
            TrainingFixture.run(
                spark,
                Dataset.open(storage, data),
                at("run"),
                TrainJob.Mode.CONTINUE,
                TrainingFixture.train(),
                "vae",
                vae));
    String network = fixtures.untrained(at("vae"), "vae", vae, gaps.withMissing(false), "none", 3);
    refused("vae needs all elements", () -> evaluate(network, data, Optional.empty()));
    String whole = at("whole");
    fixtures.stored(whole, "test", gappy(gaps.withMissing(false)), 50);
    String independent =
        fixtures.fitted(at("nb"), "naive-bayes", Map.of("likelihood", "bernoulli"), whole, "test");
    assertTrue(evaluate(independent, data, Optional.empty()).likelihood().meanNats() < 0);
    refused(
        "whole examples",
        () ->
            new TwoSampleJob(SparkApplication.of(LocalSpark.session()), ProgressListener.silent())
                .run(request(independent, data, Optional.of("two-sample"))));
  }

  private static void refused(String message, org.junit.jupiter.api.function.Executable work) {
    AncestralException refusal = assertThrows(AncestralException.class, work);
    assertEquals(ErrorCode.MISMATCH, refusal.code());
    assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
    assertTrue(refusal.getMessage().contains("some of them missing"), refusal.getMessage());
  }

  private EvaluationReport evaluate(String model, String data, Optional<String> estimator) {
    return new EvaluateJob(SparkApplication.of(LocalSpark.session()), ProgressListener.silent())
        .run(request(model, data, estimator));
  }

  private EvaluateRequest request(String model, String data, Optional<String> estimator) {
    EvaluateSpec spec =
        new EvaluateSpec("test", estimator, OptionalInt.empty(), 1, OptionalLong.empty(), 1);
    return new EvaluateRequest(model, data, spec, at("out-" + Path.of(model).getFileName()), true);
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }
}
