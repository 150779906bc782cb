package dev.ancestral.model.wavenet;

import dev.ancestral.distribution.Categorical;
import dev.ancestral.model.Batch;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.network.NetworkInputs;
import dev.ancestral.model.network.NetworkModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import dev.ancestral.tensor.torch.TorchEngine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Measures sampling from queues against the naive loop and against scoring, on one thread, and
 * prints a table. The arguments are the steps of a sequence (4096) and the steps of the naive loop
 * that are measured, spread evenly over the sequence (8).
 */
public final class SamplingSpeed {
  private static final RandomKey KEY = RandomKey.of(1);

  private SamplingSpeed() {}

  /** Prints the table. */
  public static void main(String[] arguments) {
    int steps = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 4096;
    int probes = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 8;
    List<Integer> dilations = new ArrayList<>();
    for (int d = 1; d <= 512; d *= 2) {
      dilations.add(d);
    }
    WaveNet network =
        SmallWaveNets.of(
            SmallWaveNets.sequences(256),
            Map.of("channels", 32, "skipChannels", 128, "dilations", dilations, "blocks", 2));
    try (TorchEngine engine = TorchEngine.open(TorchEngine.Options.cpu());
        BoundParameters parameters = SmallWaveNets.parameters(engine, network)) {
      parameters.values().scale(0.2);
      System.out.printf("steps %d, receptive field %d%n", steps, network.receptiveField());
      for (int batch : new int[] {1, 16, 256}) {
        double warm = cached(network, parameters, batch, 64);
        int first = steps / 2;
        int second = steps - first;
        double half = cached(network, parameters, batch, first);
        double whole = cached(network, parameters, batch, steps);
        double naive = naive(engine, network, parameters, batch, steps, probes);
        double scoring = scoring(network, parameters, batch, steps);
        System.out.printf(
            Locale.ROOT,
            "batch %3d: cached %.3f ms a step (%.3f in the first 64, %.3f in the first half, %.3f"
                + " in the second), %.0f elements/s; naive %.1f ms a step, %.0f times; sampling"
                + " takes %.1f times the scoring%n",
            batch,
            1e3 * whole / steps,
            1e3 * warm / 64,
            1e3 * half / first,
            1e3 * (whole - half) / second,
            (double) batch * steps / whole,
            1e3 * naive,
            naive * steps / whole,
            whole / scoring);
      }
    }
  }

  private static double cached(WaveNet network, BoundParameters parameters, int batch, int steps) {
    long started = System.nanoTime();
    NetworkModel.bind(network, parameters)
        .sample(LongStream.range(0, batch).toArray(), KEY, SmallWaveNets.steps(steps));
    return (System.nanoTime() - started) / 1e9;
  }

  /** Seconds of a step of the naive loop: the network over the steps so far, on average. */
  private static double naive(
      TorchEngine engine,
      WaveNet network,
      BoundParameters parameters,
      int batch,
      int steps,
      int probes) {
    SampleRequest request = SmallWaveNets.steps(1);
    TensorMap noise =
        NetworkInputs.forSampling(
            engine,
            LongStream.range(0, batch).toArray(),
            network.samplingNoise(request),
            KEY,
            request);
    long nanos = 0;
    for (int probe = 0; probe < probes; probe++) {
      // No more of the past than the receptive field: the naive loop need not be foolish.
      int known = Math.min((2 * probe + 1) * steps / (2 * probes), network.receptiveField());
      long started = System.nanoTime();
      engine.inference(
          () -> {
            Map<String, Tensor> inputs = new HashMap<>(noise.byName());
            inputs.put("x", engine.full(128, batch, known, 1));
            Tensor outputs = network.outputs(parameters.weights(), new TensorMap(engine, inputs));
            return new Categorical(256)
                .sample(
                    outputs.slice(0, (long) (known - 1) * batch, (long) known * batch),
                    noise.get("uniform").reshape(batch),
                    1)
                .toFloats();
          });
      nanos += System.nanoTime() - started;
    }
    return nanos / 1e9 / probes;
  }

  private static double scoring(WaveNet network, BoundParameters parameters, int batch, int steps) {
    int[] lengths = new int[batch];
    java.util.Arrays.fill(lengths, steps);
    Batch x = SmallWaveNets.random(network.event(), lengths);
    ExactModel model = (ExactModel) NetworkModel.bind(network, parameters);
    model.logProb(x.slice(0, 1));
    long started = System.nanoTime();
    model.logProb(x);
    return (System.nanoTime() - started) / 1e9;
  }
}
