package dev.ancestral.tensor.torch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.FlatVector;
import dev.ancestral.tensor.Precision;
import java.nio.FloatBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TorchVectorTest {
  private final TorchEngine engine = TorchEngine.open(TorchEngine.Options.cpu());

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void starts_at_zero_and_keeps_what_is_written() {
    FlatVector vector = engine.vector(5);
    assertArrayEquals(new float[5], read(vector, 0, 5));
    FloatBuffer from = FloatBuffer.wrap(new float[] {1, 2, 3});
    vector.write(1, from);
    assertFalse(from.hasRemaining());
    FloatBuffer into = FloatBuffer.allocate(4);
    vector.read(1, into);
    assertFalse(into.hasRemaining());
    assertArrayEquals(new float[] {1, 2, 3, 0}, into.array());
    assertEquals(5, vector.size());
  }

  @Test
  void host_buffer_is_the_memory_itself() {
    FlatVector vector = vectorOf(1, 2, 3, 4);
    FloatBuffer host = vector.host(1, 3);
    assertTrue(host.isDirect());
    assertEquals(3, host.remaining());
    host.put(0, 7);
    assertArrayEquals(new float[] {1, 7, 3, 4}, read(vector, 0, 4));
    vector.scale(2);
    assertEquals(14, host.get(0));
  }

  @Test
  void arithmetic() {
    FlatVector v = vectorOf(1, -2, 4);
    FlatVector x = vectorOf(2, 0.5f, -1);
    v.addScaled(x, 2);
    assertArrayEquals(new float[] {5, -1, 2}, read(v, 0, 3));
    v.scale(0.5);
    assertArrayEquals(new float[] {2.5f, -0.5f, 1}, read(v, 0, 3));
    v.decayTowards(x, 0.75);
    assertArrayEquals(new float[] {2.375f, -0.25f, 0.5f}, read(v, 0, 3));
    v.copyFrom(x);
    assertArrayEquals(new float[] {2, 0.5f, -1}, read(v, 0, 3));
    v.fill(3);
    assertArrayEquals(new float[] {3, 3, 3}, read(v, 0, 3));
    assertEquals(Math.sqrt(4 + 0.25 + 1), x.norm(), 1e-15);
  }

  @Test
  void norm_is_summed_in_float64() {
    FlatVector ones = engine.vector(20_000_000); // float32 sums stop growing at 2^24
    ones.fill(1);
    assertEquals(Math.sqrt(20_000_000), ones.norm(), 1e-9);
  }

  @Test
  void windows_share_the_memory() {
    FlatVector v = vectorOf(1, 2, 3, 4);
    FlatVector window = v.window(1, 2);
    window.scale(10);
    assertArrayEquals(new float[] {1, 20, 30, 4}, read(v, 0, 4));
    assertArrayEquals(new float[] {20, 30}, read(window, 0, 2));
    assertEquals(30, window.host(1, 1).get(0));
    window.close();
    assertArrayEquals(new float[] {1, 20, 30, 4}, read(v, 0, 4));
  }

  @Test
  void ranges_are_checked() {
    FlatVector v = vectorOf(1, 2, 3);
    assertThrows(IndexOutOfBoundsException.class, () -> v.read(2, FloatBuffer.allocate(2)));
    assertThrows(IndexOutOfBoundsException.class, () -> v.write(-1, FloatBuffer.allocate(2)));
    assertThrows(IndexOutOfBoundsException.class, () -> v.window(1, 3));
    assertThrows(IndexOutOfBoundsException.class, () -> v.host(3, 1));
  }

  @Test
  void adam_follows_its_formula() {
    int n = 37; // a tail after the vector registers
    float[] gradients = new float[n];
    double[] v = new double[n];
    double[] m = new double[n];
    double[] s = new double[n];
    FlatVector values = engine.vector(n);
    FlatVector gradient = engine.vector(n);
    FlatVector mean = engine.vector(n);
    FlatVector square = engine.vector(n);
    for (int t = 1; t <= 5; t++) {
      for (int i = 0; i < n; i++) {
        gradients[i] = (float) Math.sin(i + 3 * t);
        v[i] -= 0.01 * 0.1 * v[i];
        m[i] = 0.8 * m[i] + 0.2 * gradients[i];
        s[i] = 0.95 * s[i] + 0.05 * gradients[i] * (double) gradients[i];
        double correctedMean = m[i] / (1 - Math.pow(0.8, t));
        double correctedSquare = s[i] / (1 - Math.pow(0.95, t));
        v[i] -= 0.01 * correctedMean / (Math.sqrt(correctedSquare) + 1e-3);
      }
      gradient.write(0, FloatBuffer.wrap(gradients));
      values.adam(gradient, mean, square, new FlatVector.AdamStep(0.01, 0.8, 0.95, 1e-3, 0.1, t));
    }
    assertClose(v, read(values, 0, n));
    assertClose(m, read(mean, 0, n));
    assertClose(s, read(square, 0, n));
  }

  @Test
  void float64_vectors_come_and_go_as_float32() {
    TorchEngine doubles =
        TorchEngine.open(new TorchEngine.Options(Device.cpu(), Precision.FLOAT64));
    FlatVector v = doubles.vector(2);
    v.write(0, FloatBuffer.wrap(new float[] {1, 2}));
    v.addScaled(v, 1e-12);
    v.addScaled(v, -1e-12);
    assertArrayEquals(new float[] {1, 2}, read(v, 0, 2));
    assertNull(v.host(0, 2));
    assertEquals(Math.sqrt(5), v.norm(), 1e-11);
    doubles.close();
  }

  private FlatVector vectorOf(float... values) {
    FlatVector vector = engine.vector(values.length);
    vector.write(0, FloatBuffer.wrap(values));
    return vector;
  }

  private static float[] read(FlatVector vector, long offset, int count) {
    FloatBuffer into = FloatBuffer.allocate(count);
    vector.read(offset, into);
    return into.array();
  }

  private static void assertClose(double[] expected, float[] actual) {
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], 2e-6 * Math.max(1e-2, Math.abs(expected[i])));
    }
  }
}
