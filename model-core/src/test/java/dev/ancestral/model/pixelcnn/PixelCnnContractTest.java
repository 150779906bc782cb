package dev.ancestral.model.pixelcnn;

import dev.ancestral.config.Settings;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Network;
import dev.ancestral.model.NetworkContract;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.pixelcnn.PixelCnn.PixelCnnFamily;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Nested;

/** The laws of every network, for each head, one and three channels, with and without labels. */
class PixelCnnContractTest {

  @Nested
  class BernoulliSquare extends NetworkContract {
    @Override
    protected Network network() {
      return pixelCnn(EventSpec.discrete(2, 3, 3, 1), Map.of());
    }
  }

  @Nested
  class BernoulliOfThreeChannels extends NetworkContract {
    @Override
    protected Network network() {
      return pixelCnn(EventSpec.discrete(2, 1, 2, 3), Map.of("layers", 1));
    }
  }

  @Nested
  class WideKernel extends NetworkContract {
    @Override
    protected Network network() {
      return pixelCnn(EventSpec.discrete(2, 2, 4), Map.of("kernel", 5));
    }
  }

  @Nested
  class Categorical extends NetworkContract {
    @Override
    protected Network network() {
      return pixelCnn(EventSpec.discrete(4, 2, 2, 1), Map.of("head", "categorical"));
    }
  }

  @Nested
  class CategoricalOfThreeChannels extends NetworkContract {
    @Override
    protected Network network() {
      return pixelCnn(EventSpec.discrete(3, 2, 1, 3), Map.of("head", "categorical", "layers", 1));
    }
  }

  @Nested
  class LogisticMixture extends NetworkContract {
    @Override
    protected Network network() {
      return pixelCnn(
          EventSpec.discrete(5, 1, 3, 1), Map.of("head", "logistic-mixture", "mixtures", 3));
    }
  }

  @Nested
  class LogisticMixtureOfThreeChannels extends NetworkContract {
    @Override
    protected Network network() {
      return pixelCnn(
          EventSpec.discrete(3, 2, 1, 3),
          Map.of("head", "logistic-mixture", "mixtures", 2, "layers", 1));
    }
  }

  @Nested
  class Conditional extends NetworkContract {
    @Override
    protected Network network() {
      return pixelCnn(EventSpec.discrete(2, 2, 3, 1).withClasses(4), Map.of("conditional", true));
    }

    @Override
    protected SampleRequest request() {
      return new SampleRequest(OptionalInt.of(2), OptionalInt.empty(), 1);
    }
  }

  static PixelCnn pixelCnn(EventSpec event, Map<String, Object> settings) {
    Map<String, Object> all = new HashMap<>(Map.of("channels", 3, "layers", 2));
    all.putAll(settings);
    Settings read = Settings.of(all);
    PixelCnn network = (PixelCnn) new PixelCnnFamily().define(read, event);
    if (!read.problems().isEmpty()) {
      throw new IllegalArgumentException(read.problems().toString());
    }
    return network;
  }
}
