package dev.ancestral.job.twosample;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import dev.ancestral.job.Fixtures;
import dev.ancestral.job.LocalSpark;
import dev.ancestral.job.evaluate.EvaluateRequest;
import dev.ancestral.job.evaluate.EvaluateSpec;
import dev.ancestral.job.evaluate.ReportJson;
import dev.ancestral.job.evaluation.Evaluation;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.random.RandomKey;
import dev.ancestral.spark.SparkApplication;
import dev.ancestral.tensor.Device;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data drawn from a model that is known: its own sampler passes, another one fails. */
class TwoSampleJobTest {
  private static final EventSpec BITS = EventSpec.discrete(2, 4, 3, 1);
  private static final Map<String, Object> INDEPENDENT = Map.of("likelihood", "bernoulli");
  private static final Map<String, Object> VAE =
      Map.of("hidden", List.of(8), "latent", 3, "likelihood", "gaussian");

  @TempDir Path folder;

  private final Storage storage = new Storage(new Configuration());
  private final Fixtures fixtures = new Fixtures(storage);

  @Test
  void the_right_sampler_passes_and_broken_ones_fail() {
    EventSpec event = EventSpec.continuous(4, 3, 1);
    String truth = fixtures.untrained(at("truth"), "vae", VAE, event, "none", 5);
    String other = fixtures.untrained(at("other"), "vae", VAE, event, "none", 6);
    String data = at("data");
    draws(truth, data, "test", 400, 1);
    draws(truth, data, "train", 600, 2);

    TwoSampleReport right = compare(truth, data, "right", 1);
    assertTrue(right.isConsistent(), right.summary());
    assertEquals(0.5, right.training().orElseThrow().closerShare(), 0.1);
    assertTrue(right.summary().startsWith("no difference found"), right.summary());
    TwoSampleReport wrong = compare(other, data, "wrong", 1);
    assertFalse(wrong.isConsistent(), wrong.summary());
    assertTrue(wrong.discrepancy().pValue() < 0.01, wrong.summary());
    assertEquals(wrong, TwoSampleReport.read(storage, storage.path(at("wrong") + "/report.json")));
  }

  @Test
  void a_classifier_tells_a_wrong_sampler_from_the_data_and_not_the_right_one() {
    EventSpec event = EventSpec.continuous(4, 3, 1);
    String truth = fixtures.untrained(at("truth"), "vae", VAE, event, "none", 5);
    float[] shift = new float[12];
    Arrays.fill(shift, 0.7f);
    String other =
        fixtures.untrained(
            at("other"), "vae", VAE, event, "none", 5, Map.of("decoder.observation.bias", shift));
    String data = at("data");
    draws(truth, data, "test", 300, 7);

    ClassifierReport right = classify(truth, data, "right", 2);
    assertTrue(right.isConsistent(), right.summary());
    assertEquals(300, right.judged());
    assertEquals(0.5, right.result().area().value(), 4 * right.result().area().standardError());
    assertTrue(right.result().logEValue() < Math.log(100), right.summary());
    ClassifierReport wrong = classify(other, data, "wrong", 2);
    assertFalse(wrong.isConsistent(), wrong.summary());
    assertEquals(0.001, wrong.result().pValue(), 1e-12);
    assertTrue(wrong.result().logEValue() > Math.log(1000), wrong.summary());
    assertTrue(wrong.summary().startsWith("the samples DIFFER from the data: p = 0.0010, 300"));
    assertEquals(
        new Evaluation.Classification(wrong), Evaluation.read(storage, at("wrong")).orElseThrow());
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> ReportJson.read(storage, at("wrong")));
    assertEquals(ErrorCode.MISMATCH, refusal.code());
    assertTrue(refusal.getMessage().contains("than c2st"), refusal.getMessage());
  }

  private ClassifierReport classify(String model, String data, String output, long seed) {
    EvaluateSpec spec =
        new EvaluateSpec(
            "test", Optional.of("c2st"), OptionalInt.empty(), 1, OptionalLong.empty(), seed);
    return new ClassifierJob(SparkApplication.of(LocalSpark.session()), ProgressListener.silent())
        .run(new EvaluateRequest(model, data, spec, at(output), false));
  }

  @Test
  void p_values_of_the_right_sampler_are_spread_out() {
    String data = fixtures.dataset(at("fit"), "train", BITS, 300, 300);
    String model = fixtures.fitted(at("model"), "naive-bayes", INDEPENDENT, data, "train");
    String fresh = at("fresh");
    draws(model, fresh, "test", 60, 3);
    int below = 0;
    double sum = 0;
    for (int seed = 1; seed <= 12; seed++) {
      double p = compare(model, fresh, "out-" + seed, seed).marginals().pValue();
      below += p < 0.05 ? 1 : 0;
      sum += p / 12;
    }
    // One set of held-out data serves all, so the p-values hang together somewhat.
    assertTrue(below <= 4, below + " of 12 below 0.05");
    assertTrue(sum > 0.15 && sum < 0.9, "mean " + sum);
  }

  @Test
  void sequences_of_any_length_are_compared() throws IOException {
    EventSpec event = new EventSpec(List.of(2), new EventSpec.Discrete(2), true, 0, List.of(), 0);
    Map<String, Object> hmm = Map.of("states", 3, "emissions", "bernoulli");
    String right = fixtures.chain(at("right"), hmm, event, 1);
    String wrong = fixtures.chain(at("wrong"), hmm, event, 2);
    String data = at("data");
    fixtures.sequencesOf(right, data, "test", 200);

    assertTrue(compare(right, data, "a", 1).isConsistent());
    assertFalse(compare(wrong, data, "b", 1).isConsistent());
    byte[] before = Files.readAllBytes(folder.resolve("a/report.json"));
    compare(right, data, "a", 1);
    assertArrayEquals(before, Files.readAllBytes(folder.resolve("a/report.json")));
  }

  @Test
  void it_is_no_likelihood() {
    String data = fixtures.dataset(at("data"), "test", BITS, 50, 30);
    String model = fixtures.fitted(at("model"), "naive-bayes", INDEPENDENT, data, "test");
    TwoSampleReport report = compare(model, data, "out", 1);
    assertTrue(report.training().isEmpty());
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> ReportJson.read(storage, at("out")));
    assertEquals(ErrorCode.MISMATCH, refusal.code());
    AncestralException other =
        assertThrows(AncestralException.class, () -> compare(model, data, "out", 2));
    assertEquals(ErrorCode.SPEC, other.code());
    assertTrue(other.getMessage().contains("two-sample"), other.getMessage());
  }

  private void draws(String model, String data, String split, int count, long seed) {
    try (var loaded =
        dev.ancestral.job.model.ModelDirectory.open(storage, model).load(Device.cpu())) {
      GenerativeModel sampler = loaded.model();
      Batch drawn =
          sampler.sample(
              LongStream.range(0, count).toArray(), RandomKey.of(seed), SampleRequest.plain());
      fixtures.stored(data, split, drawn, count / 3 + 1);
    }
  }

  private TwoSampleReport compare(String model, String data, String output, long seed) {
    EvaluateSpec spec =
        new EvaluateSpec(
            "test", Optional.of("two-sample"), OptionalInt.empty(), 1, OptionalLong.empty(), seed);
    return new TwoSampleJob(SparkApplication.of(LocalSpark.session()), ProgressListener.silent())
        .run(new EvaluateRequest(model, data, spec, at(output), false));
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }
}
