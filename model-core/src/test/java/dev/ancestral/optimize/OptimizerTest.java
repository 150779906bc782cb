package dev.ancestral.optimize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.config.Settings;
import dev.ancestral.tensor.FlatVector;
import dev.ancestral.tensor.torch.TorchEngine;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OptimizerTest {
  private static final double[] START = {1, -2, 0.5};
  private static final double RATE = 0.1;

  private final TorchEngine engine = TorchEngine.open(TorchEngine.Options.cpu());

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void adam_with_decoupled_weight_decay() {
    double[] theta = START.clone();
    double[] m = new double[3];
    double[] s = new double[3];
    for (int t = 1; t <= 4; t++) {
      double[] g = gradient(theta, t);
      for (int i = 0; i < 3; i++) {
        theta[i] -= RATE * 0.05 * theta[i];
        m[i] = 0.9 * m[i] + 0.1 * g[i];
        s[i] = 0.99 * s[i] + 0.01 * g[i] * g[i];
        double step = m[i] / (1 - Math.pow(0.9, t));
        theta[i] -= RATE * step / (Math.sqrt(s[i] / (1 - Math.pow(0.99, t))) + 1e-6);
      }
    }
    assertReaches(theta, new Adam(0.9, 0.99, 1e-6, 0.05));
    assertEquals(2, Adam.standard().moments());
  }

  @Test
  void sgd_plain() {
    double[] theta = START.clone();
    for (int t = 1; t <= 4; t++) {
      double[] g = gradient(theta, t);
      for (int i = 0; i < 3; i++) {
        theta[i] -= RATE * g[i];
      }
    }
    Sgd plain = new Sgd(0, false, 0);
    assertEquals(0, plain.moments());
    assertReaches(theta, plain);
  }

  @Test
  void sgd_with_momentum_and_weight_decay() {
    for (boolean nesterov : new boolean[] {false, true}) {
      double[] theta = START.clone();
      double[] velocity = new double[3];
      for (int t = 1; t <= 4; t++) {
        double[] g = gradient(theta, t);
        for (int i = 0; i < 3; i++) {
          theta[i] *= 1 - RATE * 0.05;
          velocity[i] = 0.9 * velocity[i] + g[i];
          theta[i] -= RATE * (nesterov ? g[i] + 0.9 * velocity[i] : velocity[i]);
        }
      }
      assertReaches(theta, new Sgd(0.9, nesterov, 0.05));
    }
  }

  @Test
  void clips_by_the_global_norm() {
    FlatVector gradient = vectorOf(3, 0, -4);
    assertEquals(5, new NormClip(10).apply(gradient), 1e-12);
    assertArrayEquals(new float[] {3, 0, -4}, read(gradient));
    assertEquals(5, new NormClip(1).apply(gradient), 1e-12);
    assertArrayEquals(new float[] {0.6f, 0, -0.8f}, read(gradient), 1e-7f);
    assertTrue(Double.isNaN(new NormClip(0).apply(gradient)));
    FlatVector broken = vectorOf(1, Double.NaN, 2);
    assertTrue(Double.isNaN(new NormClip(1).apply(broken)));
    assertTrue(Float.isNaN(read(broken)[1]));
  }

  @Test
  void averages_the_weights() {
    WeightAverage average = new WeightAverage(0.9);
    FlatVector a = vectorOf(1, 1, 1);
    FlatVector theta = vectorOf(2, 3, 4);
    average.update(a, theta, 1); // d = 2 / 11
    assertArrayEquals(
        new float[] {(2 + 9 * 2) / 11f, (2 + 9 * 3) / 11f, (2 + 9 * 4) / 11f}, read(a), 1e-6f);
    a.fill(1);
    average.update(a, theta, 1_000_000);
    assertArrayEquals(new float[] {1.1f, 1.2f, 1.3f}, read(a), 1e-6f);
  }

  @Test
  void settings_of_the_spec() {
    OptimizerSettings byDefault = read(Map.of());
    assertEquals(new OptimizerSettings(Adam.standard(), 1e-3), byDefault);
    assertEquals(
        new OptimizerSettings(new Sgd(0.5, true, 0.01), 0.2),
        read(
            Map.of(
                "name",
                "sgd",
                "learningRate",
                0.2,
                "momentum",
                0.5,
                "nesterov",
                true,
                "weightDecay",
                0.01)));
    Settings wrong = Settings.of(Map.of("name", "adam", "momentum", 0.5, "beta1", 1));
    OptimizerSettings.read(wrong);
    assertEquals(2, wrong.problems().size(), () -> wrong.problems().toString());
  }

  private static OptimizerSettings read(Map<String, Object> values) {
    Settings settings = Settings.of(values);
    OptimizerSettings result = OptimizerSettings.read(settings);
    assertEquals(List.of(), settings.problems());
    return result;
  }

  /** Four steps on a gradient that depends on where it is taken. */
  private void assertReaches(double[] expected, Optimizer optimizer) {
    FlatVector values = vectorOf(START);
    FlatVector gradient = engine.vector(3);
    List<FlatVector> moments = new ArrayList<>();
    for (int i = 0; i < optimizer.moments(); i++) {
      moments.add(engine.vector(3));
    }
    for (int t = 1; t <= 4; t++) {
      float[] at = read(values);
      double[] g = gradient(new double[] {at[0], at[1], at[2]}, t);
      gradient.write(0, FloatBuffer.wrap(new float[] {(float) g[0], (float) g[1], (float) g[2]}));
      optimizer.step(values, gradient, moments, t, RATE);
    }
    float[] reached = read(values);
    for (int i = 0; i < 3; i++) {
      assertEquals(expected[i], reached[i], 2e-6);
    }
  }

  private static double[] gradient(double[] theta, int t) {
    return new double[] {theta[0] - t, 2 * theta[1] + 0.3, Math.sin(theta[2] * t)};
  }

  private FlatVector vectorOf(double... values) {
    FlatVector vector = engine.vector(values.length);
    FloatBuffer buffer = FloatBuffer.allocate(values.length);
    for (double value : values) {
      buffer.put((float) value);
    }
    vector.write(0, buffer.flip());
    return vector;
  }

  private static float[] read(FlatVector vector) {
    FloatBuffer into = FloatBuffer.allocate(Math.toIntExact(vector.size()));
    vector.read(0, into);
    return into.array();
  }
}
