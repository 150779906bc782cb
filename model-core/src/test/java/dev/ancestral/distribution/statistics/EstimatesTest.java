package dev.ancestral.distribution.statistics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.tensor.NamedArrays;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * Estimates by hand, of two elements and two states of which the second takes nothing (and a third
 * element where nothing is seen).
 */
class EstimatesTest {
  private static final double TOLERANCE = 1e-12;
  private static final int AT = 3; // where the counts begin
  private static final float NO = Float.NaN;

  // Of the first state: weights 1, 2 and 5; elements 1, 1, 0 and 0, missing, 1.
  private static final float[] BITS = {1, 0, NO, 1, NO, NO, 0, 1, NO};
  private static final double[][] WEIGHTS = {{1, 0}, {2, 0}, {5, 0}};

  private static double[] counts(Emission emission, float[] x, double[][] weights) {
    double[] statistics = new double[AT + emission.statisticsSize()];
    float[] shifted = new float[x.length + 1];
    System.arraycopy(x, 0, shifted, 1, x.length);
    emission.accumulate(shifted, 1, weights.length, weights, statistics, AT);
    return statistics;
  }

  private static double[] values(NamedArrays parameters, String name) {
    return parameters.byName().get(name).values();
  }

  @Test
  void a_state_without_weight_has_the_shares_of_all_states() {
    Emission emission = new BernoulliEmission(2, 3, 0);
    double[] statistics = counts(emission, BITS, WEIGHTS);
    assertArrayEquals(
        new double[] {3.0 / 8, 5.0 / 6, 0.5, 3.0 / 8, 5.0 / 6, 0.5},
        values(emission.maximize(statistics, AT, NamedArrays.empty()), "probability"),
        TOLERANCE);
    double[][] both = {{1, 3}, {0, 1}, {0, 0}};
    statistics = counts(emission, BITS, both);
    // The third row weighs nothing; element 1 is seen in the first row alone.
    assertArrayEquals(
        new double[] {1, 0, 0.5, 1, 0, 0.5},
        values(emission.maximize(statistics, AT, NamedArrays.empty()), "probability"),
        TOLERANCE);
  }

  @Test
  void bits_start_half_way_to_what_is_common_and_never_sure() {
    Emission emission = new BernoulliEmission(2, 3, 0);
    double[] statistics = counts(emission, BITS, WEIGHTS);
    // Own shares 3/8 and 1/2, common 7/16; 5/6 and 1/2, common 2/3; unknown 1/2.
    double[] expected = {13.0 / 32, 3.0 / 4, 0.5, 15.0 / 32, 7.0 / 12, 0.5};
    assertArrayEquals(
        Arrays.stream(expected).map(p -> 0.02 + 0.96 * p).toArray(),
        values(emission.start(statistics, AT, NamedArrays.empty()), "probability"),
        TOLERANCE);
  }

  @Test
  void levels_without_weight_have_the_shares_of_all_states() {
    Emission emission = new CategoricalEmission(2, 2, 3, 0);
    float[] x = {2, NO, 0, NO, 2, NO};
    double[] statistics = counts(emission, x, WEIGHTS);
    double third = 1.0 / 3;
    assertArrayEquals(
        new double[] {0.25, 0, 0.75, third, third, third, 0.25, 0, 0.75, third, third, third},
        values(emission.maximize(statistics, AT, NamedArrays.empty()), "probability"),
        TOLERANCE);
    double[][] both = {{1, 3}, {0, 1}, {0, 0}};
    statistics = counts(emission, new float[] {2, NO, 0, NO, 1, NO}, both);
    assertArrayEquals(
        new double[] {0, 0, 1, third, third, third, 0.25, 0, 0.75, third, third, third},
        values(emission.maximize(statistics, AT, NamedArrays.empty()), "probability"),
        TOLERANCE);
  }

  @Test
  void levels_start_half_way_to_what_is_common_and_never_sure() {
    Emission emission = new CategoricalEmission(2, 1, 3, 0);
    double[] statistics = counts(emission, new float[] {2, 0, 2}, WEIGHTS);
    // Own shares 1/4, 0, 3/4 and 1/3 each; common 7/24, 4/24, 13/24.
    double[] expected = {13.0 / 48, 4.0 / 48, 31.0 / 48, 15.0 / 48, 12.0 / 48, 21.0 / 48};
    assertArrayEquals(
        Arrays.stream(expected).map(p -> 0.04 / 3 + 0.96 * p).toArray(),
        values(emission.start(statistics, AT, NamedArrays.empty()), "probability"),
        TOLERANCE);
  }

  @Test
  void normal_elements_without_weight_have_the_moments_of_all_states() {
    Emission emission = new GaussianEmission(2, 2);
    float[] x = {1, NO, 4, NO, 2, NO};
    double[] statistics = counts(emission, x, WEIGHTS);
    // Σ w x = 1 + 8 + 10, of weight 8; squares 1 + 32 + 20.
    double mean = 19.0 / 8;
    double variance = 53.0 / 8 - mean * mean;
    NamedArrays fitted = emission.maximize(statistics, AT, NamedArrays.empty());
    assertArrayEquals(new double[] {mean, 0, mean, 0}, values(fitted, "mean"), TOLERANCE);
    assertArrayEquals(
        new double[] {variance, 1, variance, 1}, values(fitted, "variance"), TOLERANCE);
  }

  @Test
  void normal_elements_start_with_their_own_means_and_one_variance() {
    Emission emission = new GaussianEmission(2, 1);
    double[][] weights = {{1, 3}, {1, 0}, {0, 1}};
    double[] statistics = counts(emission, new float[] {1, 3, 5}, weights);
    // Means 2 and 2; variances 1 and 3, each state counting the same.
    NamedArrays started = emission.start(statistics, AT, NamedArrays.empty());
    assertArrayEquals(new double[] {2, 2}, values(started, "mean"), TOLERANCE);
    assertArrayEquals(new double[] {2, 2}, values(started, "variance"), TOLERANCE);
    // Means 1 and 4, variances 0 and 3; 5/2 is the mean of both: 9/4 each besides.
    weights = new double[][] {{2, 1}, {0, 0}, {0, 3}};
    statistics = counts(emission, new float[] {1, 3, 5}, weights);
    started = emission.start(statistics, AT, NamedArrays.empty());
    assertArrayEquals(new double[] {1, 4}, values(started, "mean"), TOLERANCE);
    assertArrayEquals(new double[] {3.75, 3.75}, values(started, "variance"), TOLERANCE);
    // Weights 2 and 4: mean 3, variances 4 + 0 and 1 + 3 about it.
    NamedArrays fitted = emission.maximize(statistics, AT, NamedArrays.empty());
    assertArrayEquals(new double[] {1, 4}, values(fitted, "mean"), TOLERANCE);
    assertArrayEquals(new double[] {4e-6, 3}, values(fitted, "variance"), TOLERANCE);
  }

  @Test
  void parts_with_other_centres_merge_into_the_whole() {
    Emission emission = new GaussianEmission(2, 1);
    float[] x = {1000001, 1000003, 1000007, 1000002, 1000011, 1000005};
    double[][] weights = {{1, 2}, {2, 0.5}, {0, 1}, {3, 1}, {1, 1}, {0.5, 0}};
    double[] whole = counts(emission, x, weights);
    double[] merged = new double[whole.length];
    for (int part = 0; part < 3; part++) {
      double[] own =
          counts(
              emission,
              Arrays.copyOfRange(x, 2 * part, 2 * part + 2),
              Arrays.copyOfRange(weights, 2 * part, 2 * part + 2));
      emission.merge(own, merged, AT);
      emission.merge(new double[own.length], merged, AT);
    }
    NamedArrays expected = emission.maximize(whole, AT, NamedArrays.empty());
    NamedArrays found = emission.maximize(merged, AT, NamedArrays.empty());
    assertArrayEquals(values(expected, "mean"), values(found, "mean"), 1e-9);
    assertArrayEquals(values(expected, "variance"), values(found, "variance"), 1e-9);
  }

  @Test
  void counts_of_discrete_elements_merge_by_addition() {
    Emission emission = new BernoulliEmission(2, 3, 0);
    double[] into = counts(emission, BITS, WEIGHTS);
    double[] from = counts(emission, BITS, WEIGHTS);
    into[0] = 7;
    emission.merge(from, into, AT);
    assertEquals(7, into[0], "what lies before the counts");
    for (int i = AT; i < into.length; i++) {
      assertEquals(2 * from[i], into[i]);
    }
  }

  @Test
  void the_ignorant_know_the_shapes_alone() {
    NamedArrays bits = new BernoulliEmission(2, 3, 1).ignorant(NamedArrays.empty());
    assertArrayEquals(new double[] {0.5, 0.5, 0.5, 0.5, 0.5, 0.5}, values(bits, "probability"));
    NamedArrays levels = new CategoricalEmission(1, 2, 4, 1).ignorant(NamedArrays.empty());
    double[] quarters = new double[8];
    Arrays.fill(quarters, 0.25);
    assertArrayEquals(quarters, values(levels, "probability"));
    NamedArrays normal = new GaussianEmission(2, 1).ignorant(NamedArrays.empty());
    assertArrayEquals(new double[2], values(normal, "mean"));
    assertArrayEquals(new double[] {1, 1}, values(normal, "variance"));
  }

  @Test
  void what_is_no_distribution_is_refused() {
    Emission bits = new BernoulliEmission(1, 2, 0);
    Emission levels = new CategoricalEmission(1, 1, 2, 0);
    Emission normal = new GaussianEmission(1, 2);
    for (double wrong : new double[] {-0.1, 1.1, Double.NaN}) {
      refused(bits, NamedArrays.empty().with("probability", new double[] {0.5, wrong}, 1, 2));
      refused(
          levels, NamedArrays.empty().with("probability", new double[] {1 - wrong, wrong}, 1, 2));
    }
    bits.bind(NamedArrays.empty().with("probability", new double[] {0, 1}, 1, 2));
    refused(levels, NamedArrays.empty().with("probability", new double[] {0.5, 0.49}, 1, 2));
    levels.bind(NamedArrays.empty().with("probability", new double[] {0.5, 0.500005}, 1, 2));
    double[] zeros = {0, 0};
    for (double wrong : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      refused(normal, normal(new double[] {0, wrong}, new double[] {1, 1}));
      refused(normal, normal(zeros, new double[] {1, wrong}));
    }
    refused(normal, normal(zeros, new double[] {1, 0}));
    normal.bind(normal(zeros, new double[] {1, 1e-300}));
  }

  @Test
  void rows_that_float32_left_off_by_little_are_normalised() {
    double[] rows = {0.5, 0.500004, 0.25, 0.749998};
    double[] normalised = Probabilities.distributions("p", rows, 2);
    assertArrayEquals(
        new double[] {0.5 / 1.000004, 0.500004 / 1.000004, 0.25 / 0.999998, 0.749998 / 0.999998},
        normalised,
        TOLERANCE);
    assertEquals(0.5, rows[0], "what was given stays");
  }

  private static NamedArrays normal(double[] mean, double[] variance) {
    return NamedArrays.empty().with("mean", mean, 1, 2).with("variance", variance, 1, 2);
  }

  private static void refused(Emission emission, NamedArrays parameters) {
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> emission.bind(parameters));
    assertEquals(ErrorCode.MISMATCH, refusal.code());
  }
}
