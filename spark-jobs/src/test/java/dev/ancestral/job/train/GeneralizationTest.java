package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.LocalSpark;
import dev.ancestral.job.evaluate.EvaluateJob;
import dev.ancestral.job.evaluate.EvaluateRequest;
import dev.ancestral.job.evaluate.EvaluateSpec;
import dev.ancestral.job.evaluate.TrainGap;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.spark.SparkApplication;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code train} says of training and held-out examples is what {@code evaluate} says. */
class GeneralizationTest {
  private static final Map<String, Object> VAE = Map.of("hidden", List.of(8), "latent", 2);
  private static final int SEED = 11; // As in the fixture.

  @TempDir Path folder;

  private final Storage storage = new Storage(new Configuration());

  @Test
  void a_bound_of_some_examples_is_that_of_evaluate() {
    Map<String, Object> train =
        TrainingFixture.train(
            "validation", Map.of("everyRounds", 2, "limit", 20, "estimator", "iwae", "samples", 3));
    TrainJob.Result result = train("vae", VAE, train, "bound");
    requireSame("bound", "iwae", OptionalInt.of(3), 20, result);
  }

  @Test
  void an_exact_likelihood_of_all_examples_is_that_of_evaluate() {
    Map<String, Object> train =
        TrainingFixture.train("validation", Map.of("everyRounds", 1, "limit", 0));
    Map<String, Object> model = Map.of("likelihood", "bernoulli", "components", 2, "iterations", 3);
    TrainJob.Result result = train("naive-bayes", model, train, "exact");
    requireSame("exact", "exact", OptionalInt.empty(), 41, result);
  }

  @Test
  void without_validation_or_likelihood_nothing_is_said() {
    Map<String, Object> unseen = TrainingFixture.train("validation", Map.of("everyRounds", 0));
    String said = train("vae", VAE, unseen, "unseen").message();
    assertFalse(said.contains("train minus valid"), said);
    said = train("gan", GanTrainingTest.GAN, TrainingFixture.train(), "implicit").message();
    assertFalse(said.contains("train minus valid"), said);
    for (String run : new String[] {"unseen", "implicit"}) {
      Map<String, Object> facts = ModelDirectory.open(storage, at(run)).description().provenance();
      assertFalse(facts.containsKey("train_minus_valid_nats"), facts::toString);
    }
  }

  private TrainJob.Result train(
      String family, Map<String, Object> model, Map<String, Object> train, String output) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext());
    Dataset dataset =
        folder.resolve("data").toFile().exists()
            ? Dataset.open(storage, at("data"))
            : TrainingFixture.dataset(storage, at("data"));
    return TrainingFixture.run(
        spark, dataset, at(output), TrainJob.Mode.CONTINUE, train, family, model);
  }

  private void requireSame(
      String run, String estimator, OptionalInt samples, long examples, TrainJob.Result result) {
    EvaluateSpec spec =
        new EvaluateSpec(
                "valid", Optional.of(estimator), samples, 1, OptionalLong.of(examples), SEED)
            .withTrainSample(OptionalLong.of(examples));
    TrainGap expected =
        new EvaluateJob(SparkApplication.of(LocalSpark.session()), ProgressListener.silent())
            .run(new EvaluateRequest(at(run), at("data"), spec, at(run + "-scores"), false))
            .trainGap()
            .orElseThrow();
    Map<String, Object> facts = ModelDirectory.open(storage, at(run)).description().provenance();
    assertEquals(examples, expected.examples());
    assertEquals(expected.nats(), facts.get("train_minus_valid_nats"));
    assertEquals(expected.standardError(), facts.get("train_minus_valid_standard_error"));
    assertEquals((int) examples, facts.get("train_minus_valid_examples"));
    assertEquals(estimator, facts.get("train_minus_valid_estimator"));
    assertTrue(
        result
            .message()
            .endsWith(
                String.format(
                    Locale.ROOT,
                    "; train minus valid: %.3f ± %.3f nats in log p(x) (%s, %d training examples)",
                    expected.nats(),
                    expected.standardError(),
                    estimator,
                    examples)),
        result::message);
  }

  private String at(String name) {
    return folder.resolve(name).toString();
  }
}
