package dev.ancestral.job.verify;

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
import java.util.OptionalInt;

/**
 * A network with an exact likelihood and random weights: Σ_x p(x) = 1 over all events, and the
 * sampler draws what the scorer scores.
 *
 * @param name for the table
 * @param settings the keys under {@code model:}
 * @param events the whole space
 */
record ExactNetworkOracle(
    String name, String family, Map<String, Object> settings, EnumeratedEvents events)
    implements Oracle {
  private static final int DRAWS = 20_000;
  private static final double TOLERANCE = 1e-9;

  @Override
  public List<Verdict> verdicts() {
    ExactNetwork network =
        (ExactNetwork) Families.named(family).define(Settings.of(settings), events.event());
    try (Engine engine =
            TorchEngine.open(
                new TorchEngine.Options(new Device(Device.Kind.CPU, 0), Precision.FLOAT64));
        BoundParameters parameters = engine.bind(network.parameters())) {
      network.parameters().initialize(RandomKey.of(2), parameters.values());
      // Weights twice as large as at the start, so that the events differ in probability.
      parameters.values().scale(2);
      ExactModel model = (ExactModel) NetworkModel.bind(network, parameters);
      double[] probabilities = model.logProb(events.all());
      double sum = 0;
      for (int i = 0; i < probabilities.length; i++) {
        probabilities[i] = Math.exp(probabilities[i]);
        sum += probabilities[i];
      }
      OptionalInt length =
          events.event().variableLength() ? OptionalInt.of(events.steps()) : OptionalInt.empty();
      return List.of(
          new Verdict(
              name,
              "probabilities of all " + events.count() + " events sum to 1",
              1,
              sum,
              TOLERANCE),
          Frequencies.verdict(
              name,
              model,
              events,
              probabilities,
              new SampleRequest(OptionalInt.empty(), length, 1),
              DRAWS));
    }
  }
}
