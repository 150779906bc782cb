package dev.ancestral.model.gan;

import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Network;
import dev.ancestral.model.network.NetworkInputs;
import dev.ancestral.optimize.Adam;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.FlatVector;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.TensorMap;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** A game on one machine: each player moves what it owns by its own Adam. */
final class Duel {
  private final Engine engine;
  private final Gan gan;
  private final BoundParameters parameters;
  private final Adam adam;
  private final double learningRate;
  private final Map<String, List<FlatVector>> moments = new HashMap<>();

  Duel(Engine engine, Gan gan, BoundParameters parameters, Adam adam, double learningRate) {
    this.engine = engine;
    this.gan = gan;
    this.parameters = parameters;
    this.adam = adam;
    this.learningRate = learningRate;
    for (Network.Player player : gan.players()) {
      long size = end(player) - start(player);
      moments.put(player.name(), List.of(engine.vector(size), engine.vector(size)));
    }
  }

  /** Independent normal elements. */
  static Batch normal(EventSpec event, RandomKey key, int count, double mean, double deviation) {
    float[] values = new float[count * event.size()];
    key.fold("data").fillNormal(0, values, 0, values.length);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (mean + deviation * values[i]);
    }
    return Batch.of(event, LongStream.range(0, count).toArray(), values);
  }

  /** Leaves the gradient of minus the mean payoff. */
  void gradient(Network.Player player, Batch batch, RandomKey key) {
    engine.scoped(
        () -> {
          TensorMap inputs = NetworkInputs.of(engine, batch, player.noise(), key);
          return parameters.differentiate(
              weights -> player.objective().of(weights, inputs).mean().neg());
        });
  }

  /** The mean payoff. */
  double payoff(Network.Player player, Batch batch, RandomKey key) {
    return engine.inference(
        () ->
            player
                .objective()
                .of(parameters.weights(), NetworkInputs.of(engine, batch, player.noise(), key))
                .mean()
                .item());
  }

  double gradientNorm(Network.Player player) {
    try (FlatVector own =
        parameters.gradient().window(start(player), end(player) - start(player))) {
      return own.norm();
    }
  }

  /** One update of a player; steps count from 1. */
  void update(Network.Player player, Batch batch, RandomKey key, long step) {
    gradient(player, batch, key);
    long size = end(player) - start(player);
    try (FlatVector values = parameters.values().window(start(player), size);
        FlatVector gradient = parameters.gradient().window(start(player), size)) {
      adam.step(values, gradient, moments.get(player.name()), step, learningRate);
    }
  }

  void write(String name, double... numbers) {
    FloatBuffer buffer = FloatBuffer.allocate(numbers.length);
    for (double number : numbers) {
      buffer.put((float) number);
    }
    parameters.values().write(gan.parameters().parameter(name).offset(), buffer.flip());
  }

  private long start(Network.Player player) {
    return owned(player).get(0).offset();
  }

  private long end(Network.Player player) {
    List<ParameterLayout.Parameter> owned = owned(player);
    ParameterLayout.Parameter last = owned.get(owned.size() - 1);
    return last.offset() + last.size();
  }

  private List<ParameterLayout.Parameter> owned(Network.Player player) {
    return gan.parameters().parameters().stream()
        .filter(p -> p.name().startsWith(player.parameterPrefix()))
        .toList();
  }
}
