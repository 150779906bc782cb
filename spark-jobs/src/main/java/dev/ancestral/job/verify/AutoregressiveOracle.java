package dev.ancestral.job.verify;

import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.ExactNetwork;
import dev.ancestral.model.Families;
import dev.ancestral.model.NetworkModel;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.Settings;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.torch.TorchEngine;
import java.util.List;
import java.util.Map;

/**
 * A PixelCNN with random weights on 3×3 binary images: Σ_x p(x) = 1 over all 512, and the cached
 * sampler draws what the network scores.
 */
record AutoregressiveOracle() implements Oracle {
  private static final EnumeratedEvents EVENTS =
      new EnumeratedEvents(EventSpec.discrete(2, 3, 3, 1), 1);
  private static final Map<String, Object> SETTINGS = Map.of("channels", 6, "layers", 2);
  private static final int DRAWS = 20_000;

  @Override
  public List<Verdict> verdicts() {
    ExactNetwork network =
        (ExactNetwork) Families.named("pixelcnn").define(Settings.of(SETTINGS), EVENTS.event());
    try (Engine engine =
            TorchEngine.open(
                new TorchEngine.Options(new Device(Device.Kind.CPU, 0), Precision.FLOAT64));
        BoundParameters parameters = engine.bind(network.parameters())) {
      network.parameters().initialize(RandomKey.of(4), parameters.values());
      // Weights twice as large as at the start, so that the events differ in probability.
      parameters.values().scale(2);
      ExactModel model = (ExactModel) NetworkModel.bind(network, parameters);
      double[] probabilities = model.logProb(EVENTS.all());
      double sum = 0;
      for (int i = 0; i < probabilities.length; i++) {
        probabilities[i] = Math.exp(probabilities[i]);
        sum += probabilities[i];
      }
      return List.of(
          new Verdict(
              "pixelcnn",
              "probabilities of all " + EVENTS.count() + " events sum to 1",
              1,
              sum,
              1e-9),
          Frequencies.verdict(
              "pixelcnn", model, EVENTS, probabilities, SampleRequest.plain(), DRAWS));
    }
  }
}
