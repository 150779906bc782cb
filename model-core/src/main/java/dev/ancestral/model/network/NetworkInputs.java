package dev.ancestral.model.network;

import dev.ancestral.model.Batch;
import dev.ancestral.model.Network;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns examples on the host into the tensors that a {@link Network} reads.
 *
 * <p>Law: the noise of an example is a function of {@code key.fold(id)}, the noise's name and the
 * number of the draw, so it depends on neither the batch nor the order nor the chunk it is made in.
 */
public final class NetworkInputs {
  private NetworkInputs() {}

  /** Examples with their noise: {@code x}, {@code label}, {@code length} and each noise. */
  public static TensorMap of(Engine engine, Batch batch, List<Network.Noise> noise, RandomKey key) {
    return of(engine, batch, noise, key, 0);
  }

  /**
   * Examples with a later part of their noise.
   *
   * @param firstSample number of the first draw k of every noise that has samples
   */
  public static TensorMap of(
      Engine engine, Batch batch, List<Network.Noise> noise, RandomKey key, long firstSample) {
    Map<String, HostArray> inputs = arrays(batch);
    draw(batch.ids(), noise, key, firstSample, inputs);
    return constants(engine, inputs);
  }

  /** A view of examples with noise: as {@link #of(Engine, Batch, List, RandomKey)}, and extras. */
  public static TensorMap of(
      Engine engine, Network.View view, List<Network.Noise> noise, RandomKey key) {
    Map<String, HostArray> inputs = arrays(view);
    draw(view.batch().ids(), noise, key, 0, inputs);
    return constants(engine, inputs);
  }

  /**
   * An input before an engine has it.
   *
   * @param values row-major
   * @param shape sizes of all axes
   */
  public record HostArray(float[] values, long[] shape) {}

  /** {@code x}, {@code label}, {@code length} and the extras of a view. */
  public static Map<String, HostArray> arrays(Network.View view) {
    Map<String, HostArray> inputs = arrays(view.batch());
    int rows = view.batch().size();
    view.extras()
        .forEach(
            (name, values) ->
                inputs.put(name, new HostArray(values, new long[] {rows, values.length / rows})));
    return inputs;
  }

  /** A noise of some examples, [B, shape...] or [K, B, shape...]. */
  public static HostArray noise(long[] ids, Network.Noise noise, RandomKey key) {
    Map<String, HostArray> drawn = new LinkedHashMap<>();
    draw(ids, List.of(noise), key, 0, drawn);
    return drawn.get(noise.name());
  }

  /** The inputs of {@link Network#sample}: its noise, and {@code label} where one is asked for. */
  public static TensorMap forSampling(
      Engine engine, long[] ids, List<Network.Noise> noise, RandomKey key, SampleRequest request) {
    int[] labels = null;
    if (request.label().isPresent()) {
      labels = new int[ids.length];
      Arrays.fill(labels, request.label().getAsInt());
    }
    return forSampling(engine, ids, noise, key, labels);
  }

  /**
   * The inputs of {@link Network#sample} for rows with labels of their own.
   *
   * @param labels [B], or null for none
   */
  static TensorMap forSampling(
      Engine engine, long[] ids, List<Network.Noise> noise, RandomKey key, int[] labels) {
    Map<String, HostArray> inputs = new LinkedHashMap<>();
    draw(ids, noise, key, 0, inputs);
    if (labels != null) {
      inputs.put("label", wholeNumbers(labels));
    }
    return constants(engine, inputs);
  }

  private static Map<String, HostArray> arrays(Batch batch) {
    Map<String, HostArray> inputs = new LinkedHashMap<>();
    boolean steps = batch.lengths() != null;
    inputs.put(
        "x",
        new HostArray(
            batch.values(),
            steps
                ? shape(batch.event().shape(), batch.size(), batch.steps())
                : shape(batch.event().shape(), batch.size())));
    if (batch.labels() != null) {
      inputs.put("label", wholeNumbers(batch.labels()));
    }
    if (steps) {
      inputs.put("length", wholeNumbers(batch.lengths()));
    }
    return inputs;
  }

  private static TensorMap constants(Engine engine, Map<String, HostArray> arrays) {
    Map<String, Tensor> tensors = new HashMap<>();
    arrays.forEach(
        (name, array) -> tensors.put(name, engine.constant(array.values(), array.shape())));
    return new TensorMap(engine, tensors);
  }

  private static void draw(
      long[] ids,
      List<Network.Noise> noises,
      RandomKey key,
      long firstSample,
      Map<String, HostArray> into) {
    for (Network.Noise noise : noises) {
      int samples = Math.max(1, noise.samples());
      int size = noise.size();
      float[] values = new float[Math.multiplyExact(Math.multiplyExact(samples, ids.length), size)];
      for (int b = 0; b < ids.length; b++) {
        RandomKey own = key.fold(ids[b]).fold(noise.name());
        for (int k = 0; k < samples; k++) {
          long first = (noise.samples() == 0 ? 0 : firstSample + k) * size;
          int at = (k * ids.length + b) * size;
          switch (noise.kind()) {
            case NORMAL -> own.fillNormal(first, values, at, size);
            case UNIFORM -> own.fillUniform(first, values, at, size);
          }
        }
      }
      into.put(
          noise.name(),
          new HostArray(
              values,
              noise.samples() == 0
                  ? shape(noise.shape(), ids.length)
                  : shape(noise.shape(), noise.samples(), ids.length)));
    }
  }

  private static HostArray wholeNumbers(int[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = values[i];
    }
    return new HostArray(floats, new long[] {values.length});
  }

  /** The leading axes followed by the inner ones. */
  private static long[] shape(List<Integer> inner, long... leading) {
    long[] shape = java.util.Arrays.copyOf(leading, leading.length + inner.size());
    for (int i = 0; i < inner.size(); i++) {
      shape[leading.length + i] = inner.get(i);
    }
    return shape;
  }
}
