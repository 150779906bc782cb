package dev.ancestral.likelihood;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.random.RandomKey;
import org.junit.jupiter.api.Test;

final class MomentsTest {

  @Test
  void mean_variance_and_standard_error_of_known_numbers() {
    Moments moments = Moments.of(2, 4, 4, 4, 5, 5, 7, 9);
    assertEquals(8, moments.count());
    assertEquals(5, moments.mean(), 1e-15);
    assertEquals(32, moments.squaredDeviations(), 1e-13);
    assertEquals(32.0 / 7, moments.variance(), 1e-14);
    assertEquals(Math.sqrt(32.0 / 7 / 8), moments.standardError(), 1e-15);
  }

  @Test
  void merging_any_split_equals_one_stream() {
    float[] values = new float[1000];
    RandomKey.of(3).fillNormal(0, values, 0, values.length);
    Moments whole = new Moments();
    for (float value : values) {
      whole.add(value - 91.25);
    }
    for (int split : new int[] {0, 1, 2, 499, 999, 1000}) {
      Moments left = new Moments();
      Moments right = new Moments();
      for (int i = 0; i < values.length; i++) {
        (i < split ? left : right).add(values[i] - 91.25);
      }
      left.merge(right);
      assertEquals(whole.count(), left.count());
      assertEquals(whole.sum(), left.sum(), 1e-9);
      assertEquals(whole.squaredDeviations(), left.squaredDeviations(), 1e-9);
    }
  }

  @Test
  void small_spread_around_a_large_mean_is_kept() {
    Moments moments = new Moments();
    for (int i = 0; i < 1000; i++) {
      moments.add(1e9 + (i % 2));
    }
    assertEquals(250.0 / 999, moments.variance(), 1e-9);
  }

  @Test
  void undefined_where_they_are() {
    assertTrue(Double.isNaN(new Moments().mean()));
    assertTrue(Double.isNaN(Moments.of(1).variance()));
    Moments impossible = Moments.of(-3, Double.NEGATIVE_INFINITY, -2);
    assertEquals(Double.NEGATIVE_INFINITY, impossible.mean());
    assertTrue(Double.isNaN(impossible.standardError()));
  }
}
