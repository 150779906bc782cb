package dev.ancestral.likelihood;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.random.RandomKey;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImportanceWeightsTest {

  /** What psislw(log w) of ArviZ 0.23.4 (Python) gives for the same log weights. */
  @ParameterizedTest
  @CsvSource({
    "100, 0.9, 0.7205967434897379",
    "100, 0.3, 0.3772698681657969",
    "1000, 0.7, 0.6706577683143464",
    "25, 0.5, 0.5022472840391242",
    "4000, 1.4, 1.3352057481467425"
  })
  void equals_arviz_on_quantiles_of_a_pareto_distribution(int samples, double k, double expected) {
    IntToDoubleFunction logWeight = i -> -k * Math.log((i * 37 % samples + 0.5) / samples);
    assertEquals(expected, weights(samples, logWeight).paretoK(), 1e-9);
  }

  /** The same of weights that are bounded. */
  @ParameterizedTest
  @CsvSource({
    "100, 1, -1.0246592630181555",
    "500, 3, -1.4364859792453948",
    "500, 30, -0.9043581705578672"
  })
  void equals_arviz_on_bounded_weights(int samples, double amplitude, double expected) {
    IntToDoubleFunction logWeight = i -> amplitude * Math.sin(i * 1.7);
    assertEquals(expected, weights(samples, logWeight).paretoK(), 1e-9);
  }

  /** The same of weights like those of a Gaussian proposal that is too narrow. */
  @ParameterizedTest
  @CsvSource({"200, 1, 0.038781610035447896", "200, 2, 0.8474052216906913"})
  void equals_arviz_on_small_weights(int samples, double scale, double expected) {
    IntToDoubleFunction logWeight = i -> scale * Math.pow(i * 0.6180339887498949 % 1, 2) * 7 - 1000;
    assertEquals(expected, weights(samples, logWeight).paretoK(), 1e-9);
  }

  /** What _gpdfit of ArviZ 0.23.4 gives, without its prior on k: 9 k̂ + 5 = 19 k′. */
  @Test
  void fits_exceedances_as_arviz() {
    GeneralizedPareto fit =
        GeneralizedPareto.fit(new double[] {0.1, 0.2, 0.35, 0.5, 0.8, 1.3, 2.1, 4, 9});
    assertEquals((19 * 0.6222727780295884 - 5) / 9, fit.shape(), 1e-12);
    assertEquals(0.8822496062875981, fit.scale(), 1e-12);
  }

  /** Draws by the inverse of the distribution function, σ ((1 − u)^−k − 1)/k. */
  @ParameterizedTest
  @CsvSource({"-0.5", "0.2", "0.5", "0.7", "1", "1.5"})
  void finds_the_shape_of_simulated_weights(double k) {
    int samples = 100_000;
    RandomKey key = RandomKey.of(5);
    IntToDoubleFunction logWeight =
        i -> Math.log(3 * (Math.pow(1 - key.uniform(i), -k) - 1) / k) - 40;
    // √(1 + k)² / M is the standard deviation of a shape fitted to M exceedances.
    assertEquals(k, weights(samples, logWeight).paretoK(), 4 * (1 + Math.abs(k)) / Math.sqrt(948));
  }

  @Test
  void a_proposal_that_is_too_narrow_is_flagged_and_a_wide_one_is_not() {
    int samples = 2000;
    double limit = ImportanceWeights.highestReliableK(samples);
    // Target N(0, 1): k = max(0, 1 − s²) for a proposal N(0, s²), as w ~ exp(−z²/2 (1 − 1/s²)).
    assertTrue(gaussian(samples, 0.3).paretoK() > limit);
    assertTrue(gaussian(samples, 1.5).paretoK() < limit);
    assertTrue(gaussian(samples, 1.5).effectiveSampleSize() > 0.5 * samples);
    assertTrue(gaussian(samples, 0.3).effectiveSampleSize() < 0.2 * samples);
  }

  @Test
  void sums_are_those_of_all_weights() {
    ImportanceWeights weights = weights(4, i -> Math.log(i + 1.0));
    assertEquals(Math.log(10.0 / 4), weights.logMean(), 1e-15);
    assertEquals(100.0 / 30, weights.effectiveSampleSize(), 1e-12);
  }

  @Test
  void the_order_of_the_weights_does_not_matter() {
    int samples = 3000;
    IntToDoubleFunction logWeight = i -> -0.8 * Math.log(RandomKey.of(3).uniform(i));
    double forward = weights(samples, logWeight).paretoK();
    double backward = weights(samples, i -> logWeight.applyAsDouble(samples - 1 - i)).paretoK();
    assertEquals(forward, backward, 0);
  }

  @Test
  void where_the_tail_is_too_small_there_is_no_shape() {
    assertFalse(ImportanceWeights.hasTail(20));
    assertTrue(ImportanceWeights.hasTail(21));
    assertTrue(Double.isNaN(weights(20, i -> i).paretoK()));
    assertTrue(Double.isNaN(weights(1, i -> -3).paretoK()));
    assertTrue(Double.isNaN(weights(100, i -> i < 97 ? 0 : i - 96).paretoK()));
    assertTrue(Double.isNaN(weights(100, i -> Double.NEGATIVE_INFINITY).paretoK()));
  }

  @Test
  void extreme_tails_have_infinite_shapes() {
    // All weights equal, as of a proposal that is the posterior: none of them is too large.
    assertEquals(Double.NEGATIVE_INFINITY, weights(100, i -> -7).paretoK());
    // Two draws have all the weight that a float64 can see.
    assertEquals(Double.POSITIVE_INFINITY, weights(100, i -> i < 98 ? -2000 : i).paretoK());
    assertEquals(
        Double.POSITIVE_INFINITY,
        weights(100, i -> i == 50 ? 0 : Double.NEGATIVE_INFINITY).paretoK());
  }

  @Test
  void the_limit_grows_with_the_sample_up_to_seven_tenths() {
    assertEquals(0.5, ImportanceWeights.highestReliableK(100), 1e-15);
    assertEquals(0.7, ImportanceWeights.highestReliableK(5000), 0);
    assertThrows(IllegalArgumentException.class, () -> new ImportanceWeights(0));
  }

  private static ImportanceWeights gaussian(int samples, double deviation) {
    float[] z = new float[samples];
    RandomKey.of(9).fillNormal(0, z, 0, samples);
    return weights(
        samples, i -> Math.log(deviation) - 0.5 * z[i] * z[i] * (deviation * deviation - 1));
  }

  private static ImportanceWeights weights(int samples, IntToDoubleFunction logWeight) {
    ImportanceWeights weights = new ImportanceWeights(samples);
    for (int i = 0; i < samples; i++) {
      weights.add(logWeight.applyAsDouble(i));
    }
    return weights;
  }
}
