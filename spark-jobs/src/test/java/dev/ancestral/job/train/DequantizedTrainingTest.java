package dev.ancestral.job.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.job.Progress;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Settings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DequantizedTrainingTest {
  @TempDir private Path folder;

  @Test
  void trainingAndValidationCountTheSameNats() {
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
              new TrainJob.Request(
                  11,
                  "vae",
                  model,
                  "uniform",
                  TrainSpec.read(Settings.of(train)),
                  output,
                  Map.of("train", train)),
              Progress.silent())
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

  @Test
  void theCellsOfSequencesAreNotOneNumber() {
    Recipe image = Recipe.of("vae", Map.of(), EventSpec.discrete(4, 3, 2), "uniform");
    assertEquals(6 * Math.log(4), image.cellNats().orElseThrow(), 1e-12);
    assertEquals(
        OptionalDouble.of(0), Recipe.of("vae", Map.of(), image.event(), "none").cellNats());
    Recipe missing = Recipe.of("hmm", Map.of(), image.event().withMissing(true), "uniform");
    assertEquals(OptionalDouble.empty(), missing.cellNats());
  }
}
