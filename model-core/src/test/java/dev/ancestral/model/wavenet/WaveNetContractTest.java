package dev.ancestral.model.wavenet;

import dev.ancestral.model.Network;
import dev.ancestral.model.NetworkContract;
import dev.ancestral.model.SampleRequest;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Nested;

/** What every network owes, for each head, kernel and condition. */
class WaveNetContractTest {

  @Nested
  class OfLevels extends NetworkContract {
    @Override
    protected Network network() {
      return SmallWaveNets.of(SmallWaveNets.sequences(3), Map.of("dilations", List.of(1, 2)));
    }

    @Override
    protected SampleRequest request() {
      return SmallWaveNets.steps(4);
    }
  }

  @Nested
  class OfLevelsWithThreeTapsAndTwoBlocks extends NetworkContract {
    @Override
    protected Network network() {
      return SmallWaveNets.of(
          SmallWaveNets.sequences(2), Map.of("dilations", List.of(1, 3), "blocks", 2, "kernel", 3));
    }

    @Override
    protected SampleRequest request() {
      return SmallWaveNets.steps(7);
    }
  }

  @Nested
  class OfLogisticMixtures extends NetworkContract {
    @Override
    protected Network network() {
      return SmallWaveNets.of(
          SmallWaveNets.sequences(5), Map.of("head", "logistic-mixture", "mixtures", 2));
    }

    @Override
    protected SampleRequest request() {
      return SmallWaveNets.steps(3);
    }
  }

  @Nested
  class GivenLabels extends NetworkContract {
    @Override
    protected Network network() {
      return SmallWaveNets.of(
          SmallWaveNets.sequences(3).withClasses(3), Map.of("conditional", true));
    }

    @Override
    protected SampleRequest request() {
      return new SampleRequest(OptionalInt.of(2), OptionalInt.of(4), 1);
    }
  }
}
