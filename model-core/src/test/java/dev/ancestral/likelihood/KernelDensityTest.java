package dev.ancestral.likelihood;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.model.Batch;
import dev.ancestral.random.RandomKey;
import org.junit.jupiter.api.Test;

class KernelDensityTest {
  private static final RandomKey KEY = RandomKey.of(5);

  @Test
  void centers_that_are_all_the_same_give_one_gaussian() {
    double h = 0.7;
    try (LinearGaussian model =
            new LinearGaussian(new double[][] {{0, 0, 0}}, new double[] {0.5, -1, 2}, 0.1);
        LinearGaussian kernel =
            new LinearGaussian(new double[][] {{0, 0, 0}}, new double[] {0.5, -1, 2}, h * h)) {
      Batch x = model.batch(new long[] {1, 2}, 0.3f, -0.8f, 1.1f, 2, 1, -1);
      double[] nats = KernelDensity.of(model.decoder(), 730, KEY).logDensity(x, h)[0];
      assertEquals(kernel.logProb(x)[0], nats[0], 1e-6);
      assertEquals(kernel.logProb(x)[1], nats[1], 1e-6);
    }
  }

  @Test
  void many_kernels_give_the_model_blurred_by_their_width() {
    double h = 0.4;
    // x = 1.2 z + 0.3 without noise, blurred: N(0.3, 1.2² + h²).
    try (LinearGaussian model =
            new LinearGaussian(new double[][] {{1.2}}, new double[] {0.3}, 1e-3);
        LinearGaussian blurred =
            new LinearGaussian(new double[][] {{1.2}}, new double[] {0.3}, h * h)) {
      Batch x = model.batch(new long[] {1, 2, 3}, 0.3f, -1.5f, 2.5f);
      KernelDensity density = KernelDensity.of(model.decoder(), 20_000, KEY);
      double[][] nats = density.logDensity(x, h, 2 * h);
      for (int i = 0; i < 3; i++) {
        assertEquals(blurred.logProb(x)[i], nats[0][i], 0.05);
      }
      assertEquals(1.2, density.deviation(), 0.03);
      // A wider kernel lowers the middle and lifts the tails.
      assertTrue(nats[1][0] < nats[0][0] && nats[1][2] > nats[0][2] - 0.1);
    }
  }

  @Test
  void more_kernels_begin_with_the_same_ones() {
    try (LinearGaussian model =
        new LinearGaussian(new double[][] {{1.2, 0.1}}, new double[] {0.3, 0}, 0.1)) {
      Batch x = model.batch(new long[] {1}, 0.3f, 0.2f);
      double one = KernelDensity.of(model.decoder(), 1, KEY).logDensity(x, 1)[0][0];
      double two = KernelDensity.of(model.decoder(), 2, KEY).logDensity(x, 1)[0][0];
      double second = 2 * Math.exp(two) - Math.exp(one);
      assertTrue(second > 0, "the first of two kernels is the one kernel");
      assertEquals(
          two, KernelDensity.of(model.decoder(), 2, KEY).logDensity(x, 1)[0][0], 0, "same key");
    }
  }
}
