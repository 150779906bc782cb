package dev.ancestral.job.train.collective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.random.RandomKey;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TernaryCodeTest {
  private static final int SIZE = 1003;

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.7, 3, 1e9})
  void nothingIsLostOnlyDelayed(double threshold) {
    TernaryCode code = new TernaryCode(new long[] {3, 500, SIZE}, threshold);
    float[] given = new float[SIZE];
    float[] said = new float[SIZE];
    for (int step = 0; step < 20; step++) {
      float[] gradient = new float[SIZE];
      RandomKey.of(3).fold(step).fillNormal(0, gradient, 0, SIZE);
      for (int i = 0; i < SIZE; i++) {
        given[i] += gradient[i];
      }
      code.decode(code.encode(gradient), said);
    }
    for (int i = 0; i < SIZE; i++) {
      assertEquals(given[i], said[i] + code.residual()[i], 1e-4, "element " + i);
    }
  }

  @Test
  void aWindowLeavesTheRestAlone() {
    TernaryCode code = new TernaryCode(new long[] {3, 10, 14}, 0.7);
    float[] gradient = new float[14];
    RandomKey.of(5).fillNormal(0, gradient, 0, 14);
    code.encode(gradient);
    float[] before = code.residual().clone();
    float[] said = new float[14];
    code.decode(code.encode(gradient, 3, 10), said, 3, 10);
    for (int i = 0; i < 14; i++) {
      boolean inside = i >= 3 && i < 10;
      float given = before[i] + (inside ? gradient[i] : 0);
      assertEquals(given, said[i] + code.residual()[i], 1e-5, "element " + i);
      assertTrue(inside || said[i] == 0);
    }
    assertThrows(IllegalArgumentException.class, () -> code.encode(gradient, 2, 10));
    assertThrows(IllegalArgumentException.class, () -> code.decode(new byte[0], said, 3, 9));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.7, 3})
  void aMessageIsATwentiethOfTheVector(double threshold) {
    int size = 100_000;
    TernaryCode code = new TernaryCode(new long[] {size}, threshold);
    float[] gradient = new float[size];
    RandomKey.of(4).fillNormal(0, gradient, 0, size);
    assertTrue(code.encode(gradient).length <= size * Float.BYTES / 20 + 16);
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY})
  void whatIsNotFiniteIsSeenByAll(float bad) {
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
