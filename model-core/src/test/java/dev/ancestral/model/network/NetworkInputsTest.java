package dev.ancestral.model.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Network.Noise;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.TensorMap;
import dev.ancestral.tensor.torch.TorchEngine;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NetworkInputsTest {
  private static final RandomKey KEY = RandomKey.of(4);
  private static final Noise LATENT = new Noise("z", Noise.Kind.NORMAL, 6, List.of(3));
  private static final EventSpec EVENT = EventSpec.discrete(256, 2, 2).withClasses(10);

  private final TorchEngine engine = TorchEngine.open(TorchEngine.Options.cpu());

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void examples_keep_their_shape() {
    TensorMap inputs = NetworkInputs.of(engine, examples(8, 9), List.of(LATENT), KEY);
    assertArrayEquals(new long[] {2, 2, 2}, inputs.get("x").shape());
    assertArrayEquals(new float[] {8, 8, 8, 8, 9, 9, 9, 9}, inputs.get("x").toFloats());
    assertArrayEquals(new float[] {8, 9}, inputs.get("label").toFloats());
    assertFalse(inputs.contains("length"));
    assertArrayEquals(new long[] {6, 2, 3}, inputs.get("z").shape());
  }

  @Test
  void sequences_are_steps_with_lengths() {
    EventSpec sequences =
        new EventSpec(List.of(2), new EventSpec.Discrete(5), true, 0, List.of(), 0);
    Batch batch =
        new Batch(
            sequences,
            new long[] {1, 2},
            new float[] {1, 2, 0, 0, 3, 4, 1, 2},
            null,
            new int[] {1, 2});
    TensorMap inputs = NetworkInputs.of(engine, batch, List.of(), KEY);
    assertArrayEquals(new long[] {2, 2, 2}, inputs.get("x").shape());
    assertArrayEquals(new float[] {1, 2}, inputs.get("length").toFloats());
    assertArrayEquals(new float[] {1, 2}, batch.slice(0, 1).values(), "padded to its own length");
  }

  @Test
  void noise_depends_on_the_example_alone() {
    float[] together = noise(0, LATENT, 8, 5, 9); // [6, 3, 3]
    float[] reordered = noise(0, LATENT, 9, 8, 5);
    float[] later = noise(4, new Noise("z", Noise.Kind.NORMAL, 2, List.of(3)), 5); // [2, 1, 3]
    int[] from = {2, 0, 1};
    for (int k = 0; k < 6; k++) {
      for (int b = 0; b < 3; b++) {
        assertArrayEquals(draw(together, k, from[b], 3), draw(reordered, k, b, 3), 0);
      }
    }
    assertArrayEquals(draw(together, 4, 1, 3), draw(later, 0, 0, 1), 0);
    assertArrayEquals(draw(together, 5, 1, 3), draw(later, 1, 0, 1), 0);
    float[] named = noise(0, new Noise("w", Noise.Kind.NORMAL, 6, List.of(3)), 8, 5, 9);
    assertFalse(java.util.Arrays.equals(together, named), "two noises are two draws");
  }

  @Test
  void sampling_inputs() {
    TensorMap inputs =
        NetworkInputs.forSampling(
            engine,
            new long[] {3, 4},
            List.of(new Noise("u", Noise.Kind.UNIFORM, 0, List.of(2))),
            KEY,
            new SampleRequest(OptionalInt.of(7), OptionalInt.empty(), 1));
    assertArrayEquals(new float[] {7, 7}, inputs.get("label").toFloats());
    assertArrayEquals(new long[] {2, 2}, inputs.get("u").shape());
    for (float u : inputs.get("u").toFloats()) {
      assertFalse(u < 0 || u >= 1);
    }
  }

  private float[] noise(long first, Noise noise, int... ids) {
    return NetworkInputs.of(engine, examples(ids), List.of(noise), KEY, first)
        .get(noise.name())
        .toFloats();
  }

  private static float[] draw(float[] noise, int k, int b, int batch) {
    int at = (k * batch + b) * 3;
    return new float[] {noise[at], noise[at + 1], noise[at + 2]};
  }

  /** Examples whose values and labels are their id. */
  private static Batch examples(int... ids) {
    float[] values = new float[ids.length * EVENT.size()];
    long[] longs = new long[ids.length];
    for (int i = 0; i < ids.length; i++) {
      longs[i] = ids[i];
      java.util.Arrays.fill(values, i * EVENT.size(), (i + 1) * EVENT.size(), ids[i]);
    }
    return new Batch(EVENT, longs, values, ids, null);
  }
}
