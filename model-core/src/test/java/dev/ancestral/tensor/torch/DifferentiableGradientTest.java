package dev.ancestral.tensor.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.Tensor;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A gradient inside an expression is right, and so is the gradient of that expression. */
class DifferentiableGradientTest {
  private static final double STEP = 1e-5;

  private final TorchEngine engine =
      TorchEngine.open(new TorchEngine.Options(Device.cpu(), Precision.FLOAT64));

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void of_a_cube_is_three_squares() {
    double[] x = {0.5, -2, 3};
    double[] inside =
        engine.scoped(
            () ->
                engine
                    .differentiableGradient(at -> at.pow(3).sum(), engine.constant(x, 3))
                    .toDoubles());
    assertArrayEquals(new double[] {0.75, 12, 27}, inside, 1e-12);
    // d/dw of Σ (∂ w x³ / ∂x)² = Σ 18 w x⁴
    Tensor gradient =
        engine
            .gradient(
                w ->
                    engine
                        .differentiableGradient(at -> at.pow(3).mul(w).sum(), engine.constant(x, 3))
                        .square()
                        .sum(),
                engine.constant(new double[] {0.7}, 1))
            .gradient();
    assertEquals(18 * 0.7 * (0.0625 + 16 + 81), gradient.item(), 1e-9);
  }

  @Test
  void where_nothing_is_recorded_it_is_the_same_number() {
    Tensor x = engine.constant(new double[] {0.5, -2, 3}, 3);
    double[] recorded =
        engine.scoped(
            () -> engine.differentiableGradient(DifferentiableGradientTest::f, x).toDoubles());
    double[] constant =
        engine.inference(
            () -> engine.differentiableGradient(DifferentiableGradientTest::f, x).toDoubles());
    assertArrayEquals(recorded, constant, 0);
  }

  private static Tensor f(Tensor x) {
    return x.tanh().mul(x).sum();
  }

  /** Through the layers that discriminators are made of, to weights and to the point itself. */
  @Test
  void second_derivatives_agree_with_finite_differences() {
    double[] point = new double[32 + 2 * 3 * 16 + 2];
    float[] start = new float[point.length];
    RandomKey.of(3).fillNormal(0, start, 0, start.length);
    for (int i = 0; i < point.length; i++) {
      point[i] = start[i];
    }
    Function<Tensor, Tensor> penalty =
        flat -> {
          Tensor x = flat.slice(0, 0, 32).reshape(1, 2, 4, 4);
          Tensor down = flat.slice(0, 32, 32 + 96).reshape(3, 2, 4, 4);
          Tensor scale = flat.slice(0, 128, 130);
          return engine
              .differentiableGradient(
                  at ->
                      at.conv2d(down, 2, 1, 1)
                          .leakyRelu(0.2)
                          .convTranspose2d(down, 2, 1)
                          .permute(0, 2, 3, 1)
                          .mul(scale)
                          .logSigmoid()
                          .sum(),
                  x)
              .square()
              .sum();
        };
    double[] gradient =
        engine.gradient(penalty, engine.constant(point, point.length)).gradient().toDoubles();
    for (int i = 0; i < point.length; i += 3) {
      double difference = (valueAt(penalty, point, i, STEP) - valueAt(penalty, point, i, -STEP));
      difference /= 2 * STEP;
      assertEquals(difference, gradient[i], 1e-5 * Math.max(1, Math.abs(difference)), "at " + i);
    }
  }

  private double valueAt(Function<Tensor, Tensor> function, double[] point, int index, double by) {
    double[] moved = point.clone();
    moved[index] += by;
    return engine.inference(() -> function.apply(engine.constant(moved, moved.length)).item());
  }
}
