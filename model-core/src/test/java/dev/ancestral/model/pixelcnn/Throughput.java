package dev.ancestral.model.pixelcnn;

import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.network.NetworkInputs;
import dev.ancestral.model.network.NetworkModel;
import dev.ancestral.optimize.Adam;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.FlatVector;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import dev.ancestral.tensor.torch.TorchEngine;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;

/**
 * Measures 28×28 binary images on one thread: training steps, scoring, cached sampling, and the
 * naive loop (timed on its first pixels, each of which costs the same).
 *
 * <p>Arguments: channels, layers, batch size of training, then the batch sizes of sampling.
 */
final class Throughput {
  private static final RandomKey KEY = RandomKey.of(3);
  private static final EventSpec EVENT = EventSpec.discrete(2, 28, 28, 1);
  private static final int PIXELS = 28 * 28;
  private static final int NAIVE_PIXELS = 4;

  private final TorchEngine engine = TorchEngine.open(TorchEngine.Options.cpu());
  private final PixelCnn network;
  private final BoundParameters parameters;
  private final ExactModel model;

  private Throughput(int channels, int layers) {
    network = PixelCnnContractTest.pixelCnn(EVENT, Map.of("channels", channels, "layers", layers));
    parameters = engine.bind(network.parameters());
    network.parameters().initialize(KEY, parameters.values());
    model = (ExactModel) NetworkModel.bind(network, parameters);
  }

  public static void main(String[] arguments) {
    int[] numbers = new int[arguments.length];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Integer.parseInt(arguments[i]);
    }
    Throughput throughput = new Throughput(numbers[0], numbers[1]);
    System.out.printf(
        "%d channels, %d layers, %d parameters%n",
        numbers[0], numbers[1], throughput.network.parameters().size());
    if (numbers[2] > 0) {
      throughput.train(numbers[2]);
    }
    for (int i = 3; i < numbers.length; i++) {
      throughput.sample(numbers[i]);
    }
    throughput.engine.close();
  }

  private void train(int size) {
    long count = network.parameters().size();
    List<FlatVector> moments = List.of(engine.vector(count), engine.vector(count));
    Batch batch = images(size);
    double best = Double.MAX_VALUE;
    for (int step = 1; step <= 12; step++) {
      long started = System.nanoTime();
      engine.scoped(
          () -> {
            TensorMap inputs = NetworkInputs.of(engine, batch, List.of(), KEY);
            return parameters.differentiate(w -> network.logProb(w, inputs).mean().neg());
          });
      Adam.standard().step(parameters.values(), parameters.gradient(), moments, step, 1e-3);
      best = Math.min(best, (System.nanoTime() - started) / 1e9);
    }
    System.out.printf(
        "training, batch %d: %.1f examples/s (%.1f ms a step)%n", size, size / best, best * 1e3);
  }

  private void sample(int size) {
    Batch batch = images(size);
    long[] ids = LongStream.range(0, size).toArray();
    double scoring = Double.MAX_VALUE;
    double cached = Double.MAX_VALUE;
    double naive = Double.MAX_VALUE;
    for (int turn = 0; turn < 2; turn++) {
      scoring = Math.min(scoring, seconds(() -> model.logProb(batch)));
      cached = Math.min(cached, seconds(() -> model.sample(ids, KEY, SampleRequest.plain())));
      naive = Math.min(naive, seconds(() -> naivePixels(batch)) / NAIVE_PIXELS * PIXELS);
    }
    System.out.printf(
        "batch %d: scoring %.3f s, cached sampling %.3f s (%.2f of scoring), naive %.1f s (%.0f of"
            + " cached)%n",
        size, scoring, cached, cached / scoring, naive, naive / cached);
  }

  /** Some steps of the naive loop, a few images at a time, as memory likes it best. */
  private void naivePixels(Batch all) {
    for (int from = 0; from < all.size(); from += 16) {
      naivePixelsOf(all.slice(from, Math.min(all.size(), from + 16)));
    }
  }

  private void naivePixelsOf(Batch batch) {
    Tensor uniform = engine.full(0.5, batch.size(), 28, 28, 1);
    for (int pixel = 0; pixel < NAIVE_PIXELS; pixel++) {
      engine.inference(
          () -> {
            Tensor x = network.image(engine.constant(batch.values(), batch.size(), PIXELS));
            Tensor features = network.features(parameters.weights(), x, null);
            return network
                .samplePixel(
                    parameters.weights(),
                    features.slice(2, 14, 15).slice(3, 14, 15),
                    uniform,
                    14,
                    14,
                    1)
                .toFloats();
          });
    }
  }

  private static double seconds(Runnable work) {
    long started = System.nanoTime();
    work.run();
    return (System.nanoTime() - started) / 1e9;
  }

  private static Batch images(int count) {
    Random random = new Random(1);
    float[] values = new float[count * PIXELS];
    for (int i = 0; i < values.length; i++) {
      values[i] = random.nextInt(2);
    }
    return Batch.of(EVENT, LongStream.range(0, count).toArray(), values);
  }
}
