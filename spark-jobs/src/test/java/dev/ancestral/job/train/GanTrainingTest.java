package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.status.ProgressListener;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Two players with an optimizer each go through rounds, exchanges and commits like one. */
class GanTrainingTest {
  static final Map<String, Object> GAN =
      Map.of(
          "hidden",
          List.of(8),
          "latent",
          2,
          "discriminatorSteps",
          2,
          "gradientPenalty",
          0.5,
          "discriminatorOptimizer",
          Map.of("name", "sgd", "learningRate", 0.05));

  @TempDir Path folder;

  private static void run(
      JavaSparkContext spark,
      Dataset dataset,
      String output,
      TrainJob.Mode mode,
      Map<String, Object> train,
      ProgressListener progress) {
    TrainingFixture.run(spark, dataset, output, mode, train, "gan", GAN, progress);
  }

  private Dataset dataset() {
    return TrainingFixture.dataset(
        new Storage(new Configuration()), folder.resolve("data").toString());
  }

  @ParameterizedTest(name = "{0}, R = {1}, compression {2}")
  @CsvSource({
    "parameter-averaging, 2, none",
    "parameter-averaging, 3, none",
    "gradient-sharing, 2, none",
    "gradient-sharing, 3, none",
    "gradient-sharing, 3, ternary",
  })
  void sharing_one_process_or_taking_turns_gives_the_same_bytes(
      String strategy, int replicas, String compression) {
    Dataset dataset = dataset();
    Map<String, Object> train =
        TrainingFixture.train(
            "strategy",
            strategy,
            "replicas",
            replicas,
            "compression",
            compression,
            "epochs",
            strategy.equals("gradient-sharing") ? 1 : 3,
            "ema",
            0.9);
    String together = folder.resolve("together").toString();
    try (JavaSparkContext spark = LayoutTest.spark("local[" + replicas + "]")) {
      run(spark, dataset, together, TrainJob.Mode.CONTINUE, train, ProgressListener.silent());
    }
    String inTurn = folder.resolve("in-turn").toString();
    try (JavaSparkContext spark = LayoutTest.spark("local[1]")) {
      run(spark, dataset, inTurn, TrainJob.Mode.CONTINUE, train, ProgressListener.silent());
    }
    byte[] parameters = TrainingFixture.parameters(together);
    assertArrayEquals(parameters, TrainingFixture.parameters(inTurn));
    assertEquals(TrainingFixture.metrics(together), TrainingFixture.metrics(inTurn));
    assertFalse(Arrays.equals(parameters, new byte[parameters.length]));
  }

  @ParameterizedTest
  @CsvSource({"parameter-averaging", "gradient-sharing"})
  void interrupted_driver_goes_on_with_the_moments_of_both(String strategy) {
    Dataset dataset = dataset();
    Map<String, Object> train =
        TrainingFixture.train("strategy", strategy, "replicas", 2, "epochs", 2);
    String undisturbed = folder.resolve("undisturbed").toString();
    String interrupted = folder.resolve("interrupted").toString();
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      run(spark, dataset, undisturbed, TrainJob.Mode.CONTINUE, train, ProgressListener.silent());
      ProgressListener gone =
          LossTest.afterRound(
              3,
              () -> {
                throw new AncestralException(ErrorCode.INTERRUPTED, "the driver is gone");
              });
      assertThrows(
          AncestralException.class,
          () -> run(spark, dataset, interrupted, TrainJob.Mode.CONTINUE, train, gone));
      run(spark, dataset, interrupted, TrainJob.Mode.RESUME, train, ProgressListener.silent());
    }
    assertArrayEquals(
        TrainingFixture.parameters(undisturbed), TrainingFixture.parameters(interrupted));
    assertEquals(TrainingFixture.metrics(undisturbed), TrainingFixture.metrics(interrupted));
  }

  @Test
  void metrics_name_the_players_and_compare_draws() {
    Dataset dataset =
        TrainingFixture.labelled(
            new Storage(new Configuration()), folder.resolve("data").toString());
    String output = folder.resolve("run").toString();
    try (JavaSparkContext spark = LayoutTest.spark("local[2]")) {
      run(
          spark,
          dataset,
          output,
          TrainJob.Mode.CONTINUE,
          TrainingFixture.train("replicas", 2),
          ProgressListener.silent());
    }
    List<Map<String, Object>> lines = TrainingFixture.metrics(output);
    assertFalse(lines.isEmpty());
    for (Map<String, Object> line : lines) {
      assertFalse(line.containsKey("train_nats") || line.containsKey("valid_nats"), line::toString);
      // Both payoffs are means of log-probabilities, less a penalty.
      assertTrue((double) line.get("discriminator_objective") < 0, line::toString);
      assertTrue((double) line.get("generator_objective") < 0, line::toString);
    }
    Map<String, Object> last = lines.get(lines.size() - 1);
    assertTrue((double) last.get("feature_distance") > 0, last::toString);
    int covered = (int) last.get("modes_covered");
    assertTrue(covered == 1 || covered == 2, last::toString);
    assertTrue((double) last.get("mode_entropy_nats") <= Math.log(2), last::toString);
  }

  @Test
  void an_optimizer_that_nobody_would_use_is_refused() {
    Dataset dataset = dataset();
    try (JavaSparkContext spark = LayoutTest.spark("local[1]")) {
      Map<String, Object> train = TrainingFixture.train("optimizer", Map.of("name", "adam"));
      AncestralException refusal =
          assertThrows(
              AncestralException.class,
              () ->
                  run(
                      spark,
                      dataset,
                      folder.resolve("run").toString(),
                      TrainJob.Mode.CONTINUE,
                      train,
                      ProgressListener.silent()));
      assertEquals(ErrorCode.SPEC, refusal.code());
      assertTrue(refusal.getMessage().contains("generatorOptimizer"), refusal.getMessage());
    }
  }
}
