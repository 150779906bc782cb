package dev.ancestral.random;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NormalQuantileTest {

  @ParameterizedTest
  @CsvSource({
    "0.5, 0",
    "0.75, 0.6744897501960817",
    "0.9, 1.2815515655446004",
    "0.975, 1.959963984540054",
    "0.999, 3.090232306167813",
    "1e-10, -6.361340902404056",
    "1e-20, -9.262340089798408",
    "1e-100, -21.27345356096532",
  })
  void known_quantiles(double p, double x) {
    assertEquals(x, NormalQuantile.of(p), 4e-15 * Math.max(1, Math.abs(x)));
  }

  @Test
  void symmetric_and_increasing_across_its_three_branches() {
    double before = Double.NEGATIVE_INFINITY;
    for (int i = 1; i < 1 << 14; i++) {
      double p = i / (double) (1 << 14);
      double x = NormalQuantile.of(p);
      assertEquals(0, x + NormalQuantile.of(1 - p), 1e-12);
      assertEquals(true, x > before);
      before = x;
    }
  }
}
