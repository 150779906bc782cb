package dev.ancestral.model.wavenet;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.distribution.Categorical;
import dev.ancestral.distribution.Distribution;
import dev.ancestral.distribution.LogisticMixture;
import dev.ancestral.model.Batch;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.network.NetworkInputs;
import dev.ancestral.model.network.NetworkModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import dev.ancestral.tensor.torch.TorchEngine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Queues give what the network over the whole past gives. */
class CachedSamplerTest {
  private static final RandomKey KEY = RandomKey.of(21);

  static Stream<WaveNet> networks() {
    return Stream.of(
        SmallWaveNets.of(SmallWaveNets.sequences(6), Map.of("dilations", List.of(1, 2, 4))),
        SmallWaveNets.of(
            SmallWaveNets.sequences(3),
            Map.of("dilations", List.of(1, 2), "blocks", 2, "kernel", 3)),
        SmallWaveNets.of(
            SmallWaveNets.sequences(100), Map.of("head", "logistic-mixture", "mixtures", 3)),
        SmallWaveNets.of(SmallWaveNets.sequences(4).withClasses(3), Map.of("conditional", true)));
  }

  private static SampleRequest request(WaveNet network, int steps) {
    return new SampleRequest(
        network.event().hasLabels() ? OptionalInt.of(1) : OptionalInt.empty(),
        OptionalInt.of(steps),
        0.8);
  }

  @ParameterizedTest
  @MethodSource("networks")
  void draws_what_the_naive_loop_draws(WaveNet network) {
    int steps = 20;
    try (TorchEngine engine =
        TorchEngine.open(new TorchEngine.Options(Device.cpu(), Precision.FLOAT64))) {
      TensorMap weights = SmallWaveNets.parameters(engine, network).weights();
      SampleRequest request = request(network, steps);
      long[] ids = LongStream.range(0, 250).toArray();
      TensorMap inputs =
          NetworkInputs.forSampling(engine, ids, network.samplingNoise(request), KEY, request);
      float[] cached = engine.inference(() -> network.sample(weights, inputs, request).toFloats());
      assertArrayEquals(naive(engine, network, weights, inputs, request), cached);
    }
  }

  /** Runs the network over all that is drawn for every step. */
  private static float[] naive(
      TorchEngine engine,
      WaveNet network,
      TensorMap weights,
      TensorMap inputs,
      SampleRequest request) {
    Tensor uniform = inputs.get("uniform"); // [B, T, U]
    int batch = (int) uniform.shape()[0];
    int steps = (int) uniform.shape()[1];
    Distribution distribution =
        network.parameters().parameter("output.bias").size() == network.event().levels()
            ? new Categorical(network.event().levels())
            : new LogisticMixture(network.event().levels(), 3, 1);
    int numbers = distribution.noisePerElement();
    long[] ofStep = numbers == 1 ? new long[] {batch} : new long[] {batch, numbers};
    float[] drawn = new float[batch * steps];
    for (int t = 0; t < steps; t++) {
      int step = t;
      float[] levels =
          engine.inference(
              () -> {
                Map<String, Tensor> known = new HashMap<>(inputs.byName());
                known.put("x", engine.constant(drawn, batch, steps, 1).slice(1, 0, step + 1L));
                Tensor outputs =
                    network
                        .outputs(weights, new TensorMap(engine, known))
                        .slice(0, (long) step * batch, (step + 1L) * batch);
                return distribution
                    .sample(
                        outputs,
                        uniform.slice(1, step, step + 1L).reshape(ofStep),
                        request.temperature())
                    .toFloats();
              });
      for (int b = 0; b < batch; b++) {
        drawn[b * steps + t] = levels[b];
      }
    }
    return drawn;
  }

  @ParameterizedTest
  @MethodSource("networks")
  void has_the_outputs_of_the_whole_network(WaveNet network) {
    int steps = 17;
    try (TorchEngine engine = TorchEngine.open(TorchEngine.Options.cpu())) {
      TensorMap weights = SmallWaveNets.parameters(engine, network).weights();
      Batch batch = SmallWaveNets.random(network.event(), steps, steps, steps);
      TensorMap inputs = NetworkInputs.of(engine, batch, List.of(), KEY);
      float[] whole = engine.inference(() -> network.outputs(weights, inputs).toFloats());
      float[] columns = new float[whole.length];
      Tensor label = network.event().hasLabels() ? inputs.get("label") : null;
      Tensor x = inputs.get("x");
      int[] step = {0};
      engine.inference(
          () ->
              new CachedSampler(network, network.stack(), weights, label)
                  .sample(
                      engine.full(0, 3, steps, 1),
                      OptionalInt.empty(),
                      (outputs, uniform) -> {
                        float[] column = outputs.toFloats();
                        int t = step[0]++;
                        System.arraycopy(column, 0, columns, t * column.length, column.length);
                        return x.slice(1, t, t + 1L).reshape(3);
                      })
                  .toFloats());
      assertEquals(steps, step[0]);
      assertArrayEquals(whole, columns, 1e-4f);
    }
  }

  @Test
  void memory_does_not_grow_with_the_steps() {
    WaveNet network = SmallWaveNets.of(SmallWaveNets.sequences(5), Map.of());
    SampleRequest request = SmallWaveNets.steps(300);
    try (TorchEngine engine = TorchEngine.open(TorchEngine.Options.cpu());
        BoundParameters parameters = SmallWaveNets.parameters(engine, network)) {
      TensorMap inputs =
          NetworkInputs.forSampling(
              engine, new long[] {0}, network.samplingNoise(request), KEY, request);
      List<Long> held = new ArrayList<>();
      engine.inference(
          () ->
              new CachedSampler(network, network.stack(), parameters.weights(), null)
                  .sample(
                      inputs.get("uniform"),
                      OptionalInt.empty(),
                      (outputs, uniform) -> {
                        held.add(Pointer.totalCount());
                        return engine.full(1, 1);
                      })
                  .toFloats());
      // What a step draws is kept, and nothing else. (Garbage of other tests may go meanwhile.)
      long grown = held.get(299) - held.get(99);
      assertTrue(grown <= 2 * 200, grown + " objects more after 200 steps");
    }
  }

  @Test
  void length_one_works() {
    WaveNet network = SmallWaveNets.of(SmallWaveNets.sequences(3), Map.of());
    try (TorchEngine engine = TorchEngine.open(TorchEngine.Options.cpu())) {
      Batch drawn =
          NetworkModel.bind(network, SmallWaveNets.parameters(engine, network))
              .sample(new long[] {4, 5}, KEY, SmallWaveNets.steps(1));
      assertEquals(2, drawn.values().length);
      assertArrayEquals(new int[] {1, 1}, drawn.lengths());
    }
  }
}
