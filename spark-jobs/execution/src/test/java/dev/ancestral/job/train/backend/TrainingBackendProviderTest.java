package dev.ancestral.job.train.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.job.train.spec.EngineKind;
import dev.ancestral.job.train.spec.TrainSpec;
import dev.ancestral.model.Network;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No engine but the training loop's own is on the class path of this module. */
class TrainingBackendProviderTest {

  private static TrainSpec engine(String name) {
    return TrainSpec.read(Settings.of(Map.of("engine", name)));
  }

  @Test
  void an_engine_that_the_build_does_not_contain_is_refused() {
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> TrainingBackendProvider.of(engine("dl4j")));
    assertEquals(ErrorCode.SPEC, refusal.code());
    assertEquals(
        "train.engine is dl4j, which this build does not contain; set engine: torch, or use a job"
            + " jar that contains it (dl4j: for Spark 3.5 with Scala 2.12 alone)",
        refusal.getMessage());
  }

  /** As a jar brings one. */
  public static final class OfAJar implements TrainingBackendProvider {
    @Override
    public String name() {
      return "mine";
    }

    @Override
    public void requireSupported(Network network, TrainSpec spec) {}

    @Override
    public Optional<String> obstacle(JavaSparkContext spark, TrainSpec spec) {
      return Optional.empty();
    }

    @Override
    public Optional<String> serializerObstacle(SparkConf conf, TrainSpec spec) {
      return Optional.empty();
    }

    @Override
    public TrainingBackend open(JavaSparkContext spark, BackendInputs inputs) {
      throw new UnsupportedOperationException();
    }
  }

  /** Named as an engine, but without what trains. */
  public static final class OnlyAName implements EngineKind {
    @Override
    public String name() {
      return "half";
    }
  }

  @Test
  void an_engine_of_a_jar_is_named_as_the_others(@TempDir Path jar) throws Exception {
    Path services = Files.createDirectories(jar.resolve("META-INF/services"));
    Files.writeString(
        services.resolve(EngineKind.class.getName()),
        OfAJar.class.getName() + "\n" + OnlyAName.class.getName() + "\n");
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    try (URLClassLoader given = new URLClassLoader(new URL[] {jar.toUri().toURL()}, before)) {
      thread.setContextClassLoader(given);
      assertEquals(
          Optional.of(OfAJar.class),
          TrainingBackendProvider.of(engine("mine")).map(TrainingBackendProvider::getClass));
      AncestralException half =
          assertThrows(AncestralException.class, () -> TrainingBackendProvider.of(engine("half")));
      assertTrue(half.getMessage().contains("OnlyAName does not implement"), half.getMessage());
      Settings wrong = Settings.of(Map.of("engine", "mien"));
      TrainSpec.read(wrong);
      String unknown = String.join("; ", wrong.problemsSoFar());
      assertTrue(unknown.contains("torch, dl4j, mine, half"), unknown);
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  @Test
  void the_training_loop_needs_no_backend() {
    assertEquals(Optional.empty(), TrainingBackendProvider.of(engine("torch")));
  }
}
