package dev.ancestral.oracle;

import dev.ancestral.config.Settings;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Families;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.Network;
import dev.ancestral.model.network.NetworkModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.torch.TorchEngine;
import java.nio.FloatBuffer;
import java.util.Map;

/** A network small enough that its numbers are known, in float64 on the CPU. */
final class SmallNetwork implements AutoCloseable {
  private static final int SEED = 2;

  private final Network network;
  private final Engine engine;
  private final BoundParameters parameters;
  private final GenerativeModel model;

  private SmallNetwork(Network network, Engine engine) {
    this.network = network;
    this.engine = engine;
    parameters = engine.bind(network.parameters());
    network.parameters().initialize(RandomKey.of(SEED), parameters.values());
    // Weights twice as large as at the start, so that events differ in probability.
    parameters.values().scale(2);
    enliven();
    model = NetworkModel.bind(network, parameters);
  }

  /**
   * A network with random weights.
   *
   * @param settings the keys under {@code model:}
   */
  static SmallNetwork of(String family, Map<String, Object> settings, EventSpec event) {
    Network network = (Network) Families.named(family).define(Settings.of(settings), event);
    return new SmallNetwork(
        network,
        TorchEngine.open(
            new TorchEngine.Options(new Device(Device.Kind.CPU, 0), Precision.FLOAT64)));
  }

  /** What starts as zero would hide whether it is used at all: biases, what a label adds. */
  private void enliven() {
    RandomKey key = RandomKey.of(SEED).fold("zeros");
    for (ParameterLayout.Parameter parameter : parameters.layout().parameters()) {
      if (parameter.initial().equals(ParameterLayout.Initializer.zeros())) {
        random(parameter.name(), 0.5, key.fold(parameter.name()));
      }
    }
  }

  /** Gives a parameter its values, row-major; they are kept as float32. */
  SmallNetwork with(String name, double... values) {
    ParameterLayout.Parameter parameter = parameters.layout().parameter(name);
    if (parameter.size() != values.length) {
      throw new IllegalArgumentException(
          name + " holds " + parameter.size() + " values; it was given " + values.length);
    }
    FloatBuffer buffer = FloatBuffer.allocate(values.length);
    for (double value : values) {
      buffer.put((float) value);
    }
    parameters.values().write(parameter.offset(), buffer.flip());
    return this;
  }

  /** The values of a parameter, row-major. */
  double[] parameter(String name) {
    return engine.inference(() -> parameters.weights().get(name).toDoubles());
  }

  /** Random values of a parameter from −bound to bound. */
  SmallNetwork random(String name, double bound, RandomKey key) {
    double[] values = new double[(int) parameters.layout().parameter(name).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = bound * (2 * key.uniform(i) - 1);
    }
    return with(name, values);
  }

  Network network() {
    return network;
  }

  Engine engine() {
    return engine;
  }

  BoundParameters parameters() {
    return parameters;
  }

  GenerativeModel model() {
    return model;
  }

  @Override
  public void close() {
    model.close();
    engine.close();
  }
}
