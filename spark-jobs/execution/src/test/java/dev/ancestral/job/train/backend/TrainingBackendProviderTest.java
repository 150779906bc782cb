package dev.ancestral.job.train.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.job.train.spec.TrainSpec;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

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
            + " jar that contains it",
        refusal.getMessage());
  }

  @Test
  void the_training_loop_needs_no_backend() {
    assertEquals(Optional.empty(), TrainingBackendProvider.of(engine("torch")));
  }
}
