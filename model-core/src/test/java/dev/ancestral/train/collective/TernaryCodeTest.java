package dev.ancestral.train.collective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.random.RandomKey;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TernaryCodeTest {
  private static final int SIZE = 1003;

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.7, 3, 1e9})
  void nothing_is_lost_only_delayed(double threshold) {
    TernaryCode code = new TernaryCode(new long[] {3, 500, SIZE}, threshold);
    float[] given = new float[SIZE];
    float[] said = new float[SIZE];
    float[] residual = new float[SIZE];
    for (int step = 0; step < 20; step++) {
      float[] gradient = new float[SIZE];
      RandomKey.of(3).fold(step).fillNormal(0, gradient, 0, SIZE);
      for (int i = 0; i < SIZE; i++) {
        given[i] += gradient[i];
        residual[i] += gradient[i];
      }
      code.decode(code.encode(residual), said);
    }
    for (int i = 0; i < SIZE; i++) {
      assertEquals(given[i], said[i] + residual[i], 1e-4, "element " + i);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.7, 3})
  void a_message_is_a_twentieth_of_the_vector(double threshold) {
    int size = 100_000;
    TernaryCode code = new TernaryCode(new long[] {size}, threshold);
    float[] gradient = new float[size];
    RandomKey.of(4).fillNormal(0, gradient, 0, size);
    assertTrue(code.encode(gradient).length <= size * Float.BYTES / 20 + 16);
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
  void what_is_not_finite_is_seen_by_all(float bad) {
    TernaryCode code = new TernaryCode(new long[] {8}, 0.7);
    float[] gradient = new float[8];
    gradient[5] = bad;
    float[] said = new float[8];
    code.decode(code.encode(gradient), said);
    boolean finite = true;
    for (float value : said) {
      finite &= Float.isFinite(value);
    }
    assertTrue(!finite);
  }
}
