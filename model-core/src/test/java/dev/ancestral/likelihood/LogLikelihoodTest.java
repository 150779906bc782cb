package dev.ancestral.likelihood;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.model.Condition;
import dev.ancestral.random.RandomKey;
import org.junit.jupiter.api.Test;

final class LogLikelihoodTest {

  @Test
  void bits_per_dim_of_uniform_bytes_is_eight() {
    double nats = -12 * Math.log(256);
    LogLikelihood uniform =
        LogLikelihood.of(
            LogLikelihood.Kind.EXACT, Condition.NONE, "exact", Moments.of(nats, nats), 24, true);
    assertEquals(8, uniform.bitsPerDim().orElseThrow(), 1e-14);
    assertEquals(-Math.log(256), uniform.natsPerElement(), 1e-14);
    assertEquals(0, uniform.standardError(), 1e-14);
  }

  @Test
  void a_density_has_no_bits_per_dim() {
    LogLikelihood density =
        LogLikelihood.of(
            LogLikelihood.Kind.LOWER_BOUND, Condition.NONE, "elbo", Moments.of(3, 5), 4, false);
    assertTrue(density.bitsPerDim().isEmpty());
    assertEquals(8, density.totalNats(), 1e-15);
    assertEquals(2, density.natsPerElement(), 1e-15);
  }

  @Test
  void errors_an_element_are_those_of_the_mean_where_examples_are_equally_long() {
    Moments nats = Moments.of(-1, -2, -4, -9);
    RatioMoments ratio = new RatioMoments();
    for (double x : new double[] {-1, -2, -4, -9}) {
      ratio.add(x, 8);
    }
    assertEquals(-0.5, ratio.ratio(), 1e-15);
    assertEquals(nats.standardError() / 8, ratio.standardError(), 1e-15);
    LogLikelihood bits =
        LogLikelihood.of(LogLikelihood.Kind.EXACT, Condition.NONE, "exact", nats, 32, true);
    assertEquals(Math.sqrt(38.0 / 12) / 8, bits.natsPerElementError(), 1e-15);
    assertEquals(
        Math.sqrt(38.0 / 12) / 8 / Math.log(2), bits.bitsPerDimError().orElseThrow(), 1e-15);
    assertEquals(
        "-0.500000 ± 0.222439 nats an element, 0.721348 ± 0.320912 bits/dim", bits.perElement());
  }

  /** R = −16 / 16 = −1; x − R m is 0, 0, −1, 1, so the error is √(4/3 · 2) / 16. */
  @Test
  void errors_an_element_of_unlike_lengths_are_the_ratio_estimators() {
    double[] x = {-1, -2, -4, -9};
    double[] m = {1, 2, 3, 10};
    RatioMoments ratio = new RatioMoments();
    assertTrue(Double.isNaN(ratio.ratio()));
    for (int i = 0; i < x.length; i++) {
      ratio.add(x[i], m[i]);
      assertEquals(i == 0, Double.isNaN(ratio.standardError()));
    }
    assertEquals(-1, ratio.ratio(), 1e-15);
    assertEquals(Math.sqrt(8.0 / 3) / 16, ratio.standardError(), 1e-15);
    ratio.add(Double.NEGATIVE_INFINITY, 3);
    assertTrue(Double.isNaN(ratio.standardError()));
  }

  /** The spread of the ratio of many samples of exponential x of mean 2 m, m from 1 to 5. */
  @Test
  void errors_an_element_are_the_spread_over_samples() {
    int samples = 400;
    int examples = 200;
    Moments ratios = new Moments();
    Moments squaredErrors = new Moments();
    for (int s = 0; s < samples; s++) {
      RandomKey key = RandomKey.of(5).fold(s);
      RatioMoments ratio = new RatioMoments();
      for (int i = 0; i < examples; i++) {
        double m = 1 + key.fold(0).below(i, 5);
        ratio.add(2 * m * -Math.log(1 - key.fold(1).uniform(i)), m);
      }
      ratios.add(ratio.ratio());
      squaredErrors.add(ratio.standardError() * ratio.standardError());
    }
    // The variance of a variance over 400 samples is 2 / 399 of its square.
    assertEquals(1, squaredErrors.mean() / ratios.variance(), 4 * Math.sqrt(2.0 / 399));
    assertEquals(2, ratios.mean(), 4 * ratios.standardError() + 1.0 / examples);
  }

  @Test
  void nothing_scored_is_no_likelihood() {
    Moments none = new Moments();
    assertThrows(
        IllegalArgumentException.class,
        () -> LogLikelihood.of(LogLikelihood.Kind.EXACT, Condition.NONE, "exact", none, 0, true));
  }
}
