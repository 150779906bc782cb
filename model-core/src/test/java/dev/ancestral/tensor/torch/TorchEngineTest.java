package dev.ancestral.tensor.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.ParameterLayout.Initializer;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.Tensor;
import java.nio.FloatBuffer;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TorchEngineTest {
  /** It warns of every convolution where the processor is none of its own. */
  @Test
  void convolutions_are_not_tried_by_nnpack() {
    TorchEngine.open(TorchEngine.Options.cpu()).close();
    assertFalse(torch.globalContext().userEnabledNNPACK());
  }

  private static final ParameterLayout LAYOUT =
      ParameterLayout.builder()
          .add("weight", new Initializer.Normal(1), 3, 2)
          .add("bias", Initializer.zeros(), 2)
          .add("unused", new Initializer.Constant(5), 4)
          .build();

  private final TorchEngine engine = TorchEngine.open(TorchEngine.Options.cpu());

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void differentiate_leaves_the_gradient_of_all_parameters() {
    try (BoundParameters parameters = engine.bind(LAYOUT)) {
      LAYOUT.initialize(RandomKey.of(1), parameters.values());
      for (int repeat = 0; repeat < 2; repeat++) { // overwrites, does not add
        double value =
            parameters.differentiate(
                w -> {
                  Tensor x = engine.constant(new float[] {1, 2, 3}, 1, 3);
                  return x.matmul(w.get("weight")).add(w.get("bias")).sum();
                });
        float[] weights = read(parameters, 6);
        double expected = 0;
        for (int i = 0; i < 6; i++) {
          expected += (1 + i / 2) * (double) weights[i];
        }
        assertEquals(expected, value, 1e-5);
        float[] gradient = new float[12];
        parameters.gradient().read(0, FloatBuffer.wrap(gradient));
        assertArrayEquals(new float[] {1, 1, 2, 2, 3, 3, 1, 1, 0, 0, 0, 0}, gradient);
      }
    }
  }

  @Test
  void weights_are_windows_of_the_flat_vector() {
    try (BoundParameters parameters = engine.bind(LAYOUT)) {
      parameters.values().write(6, FloatBuffer.wrap(new float[] {8, 9}));
      assertArrayEquals(new float[] {8, 9}, parameters.weights().get("bias").toFloats());
      assertArrayEquals(new long[] {3, 2}, parameters.weights().get("weight").shape());
    }
  }

  @Test
  void only_scalars_of_the_parameters_can_be_differentiated() {
    try (BoundParameters parameters = engine.bind(LAYOUT)) {
      assertThrows(
          IllegalArgumentException.class, () -> parameters.differentiate(w -> w.get("weight")));
      assertThrows(
          IllegalArgumentException.class, () -> parameters.differentiate(w -> engine.full(1)));
    }
  }

  @Test
  void scopes_free_what_they_made() {
    try (BoundParameters parameters = engine.bind(LAYOUT)) {
      Tensor outside = engine.full(2, 2);
      Runnable work =
          () ->
              engine.scoped(
                  () -> {
                    Tensor x = engine.full(1, 4, 3);
                    parameters.differentiate(
                        w -> x.matmul(w.get("weight")).mul(outside).logSoftmax(1).sum());
                    engine.inference(() -> x.tanh().sum().item());
                    Engine.ValueAndGradient g = engine.gradient(t -> t.square().sum(), x);
                    parameters.values().addScaled(parameters.gradient(), 0.1);
                    return g.gradient().toFloats();
                  });
      work.run();
      long before = Pointer.totalCount();
      for (int i = 0; i < 50; i++) {
        work.run();
      }
      assertEquals(before, Pointer.totalCount());
      assertArrayEquals(new float[] {2, 2}, outside.toFloats());
    }
    long open = Pointer.totalCount();
    TorchEngine other = TorchEngine.open(TorchEngine.Options.cpu());
    other.full(1, 3).add(1);
    other.vector(4);
    other.close();
    assertTrue(Pointer.totalCount() <= open + 16, "closing an engine frees what is left");
  }

  @Test
  void inference_records_nothing() {
    try (BoundParameters parameters = engine.bind(LAYOUT)) {
      Tensor weight = parameters.weights().get("weight");
      assertFalse(engine.inference(() -> recorded(weight.mul(2))));
      assertTrue(engine.scoped(() -> recorded(weight.mul(2))));
      assertFalse(engine.inference(() -> engine.scoped(() -> recorded(weight.mul(2)))));
      // Differentiating inside is a recording of its own.
      double[] gradient =
          engine.inference(
              () ->
                  engine.gradient(t -> t.square().sum(), engine.full(3, 2)).gradient().toDoubles());
      assertArrayEquals(new double[] {6, 6}, gradient);
    }
  }

  @Test
  void gradient_hands_out_constants() {
    Engine.ValueAndGradient result =
        engine.gradient(t -> t.square().sum(), engine.constant(new float[] {1, -2}, 2));
    assertEquals(5, result.value().item());
    assertArrayEquals(new float[] {2, -4}, result.gradient().toFloats());
    assertFalse(recorded(result.value()));
    assertFalse(recorded(result.gradient().mul(2)));
  }

  @Test
  void engines_in_threads_do_not_know_of_each_other() throws Exception {
    float[] alone = train(11);
    float[] other = train(12);
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Future<float[]> first = threads.submit(() -> train(11));
      Future<float[]> second = threads.submit(() -> train(12));
      assertArrayEquals(alone, first.get(), 0);
      assertArrayEquals(other, second.get(), 0);
    } finally {
      threads.shutdown();
    }
    assertNotEquals(alone[0], other[0]);
  }

  @Test
  void an_engine_may_pass_from_thread_to_thread() throws Exception {
    try (BoundParameters parameters = engine.bind(LAYOUT)) {
      LAYOUT.initialize(RandomKey.of(3), parameters.values());
      double here = step(parameters);
      ExecutorService thread = Executors.newSingleThreadExecutor();
      try {
        assertEquals(here, thread.submit(() -> step(parameters)).get());
        assertEquals(1, thread.submit(torch::get_num_threads).get());
      } finally {
        thread.shutdown();
      }
    }
  }

  @Test
  void bfloat16_rounds_products_and_nothing_else() {
    TorchEngine half = TorchEngine.open(new TorchEngine.Options(Device.cpu(), Precision.BFLOAT16));
    float[] x = new float[64];
    RandomKey.of(5).fillNormal(0, x, 0, x.length);
    float[] single = engine.constant(x, 8, 8).matmul(engine.constant(x, 8, 8)).toFloats();
    float[] rounded = half.constant(x, 8, 8).matmul(half.constant(x, 8, 8)).toFloats();
    double difference = 0;
    for (int i = 0; i < single.length; i++) {
      assertEquals(single[i], rounded[i], 0.1);
      difference += Math.abs(single[i] - rounded[i]);
    }
    assertTrue(difference > 0);
    assertArrayEquals(
        engine.constant(x, 64).mul(1.1).toFloats(), half.constant(x, 64).mul(1.1).toFloats());
    try (BoundParameters parameters = half.bind(LAYOUT)) {
      LAYOUT.initialize(RandomKey.of(3), parameters.values());
      assertTrue(Double.isFinite(step(parameters)));
      // Parameters keep all their bits.
      float[] same = read(parameters, 6);
      LAYOUT.initialize(RandomKey.of(3), parameters.values());
      assertArrayEquals(same, read(parameters, 6), 0);
    }
    half.close();
  }

  @Test
  void absent_device_is_refused_with_a_way_out() {
    assumeFalse(torch.cuda_is_available());
    AncestralException refusal =
        assertThrows(
            AncestralException.class,
            () -> TorchEngine.open(new TorchEngine.Options(Device.cuda(0), Precision.FLOAT32)));
    assertEquals(ErrorCode.CLUSTER, refusal.code());
    assertTrue(refusal.getMessage().contains("device: cpu"), refusal.getMessage());
  }

  @Test
  void describes_itself() {
    String text = engine.description();
    assertTrue(text.matches("libtorch \\d+\\.\\d+\\.\\d+, cpu, float32, .+"), text);
  }

  private static float[] train(long seed) {
    TorchEngine own = TorchEngine.open(TorchEngine.Options.cpu());
    try (BoundParameters parameters = own.bind(LAYOUT)) {
      LAYOUT.initialize(RandomKey.of(seed), parameters.values());
      for (int i = 0; i < 200; i++) {
        step(parameters);
        parameters.values().addScaled(parameters.gradient(), -0.01);
      }
      return read(parameters, 8);
    } finally {
      own.close();
    }
  }

  private static double step(BoundParameters parameters) {
    return parameters.differentiate(
        w -> {
          Tensor x = w.engine().constant(new float[] {1, -2, 0.5f, 0.3f, 0.1f, -0.7f}, 2, 3);
          Tensor y = x.matmul(w.get("weight")).add(w.get("bias")).tanh();
          return y.add(-0.5).square().mean();
        });
  }

  private static boolean recorded(Tensor tensor) {
    return TorchTensor.nativeOf(tensor).requires_grad();
  }

  private static float[] read(BoundParameters parameters, int count) {
    float[] values = new float[count];
    parameters.values().read(0, FloatBuffer.wrap(values));
    return values;
  }
}
