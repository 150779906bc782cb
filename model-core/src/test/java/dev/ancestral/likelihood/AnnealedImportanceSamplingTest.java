package dev.ancestral.likelihood;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.model.Batch;
import dev.ancestral.random.RandomKey;
import java.util.Arrays;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AnnealedImportanceSamplingTest {
  private static final RandomKey KEY = RandomKey.of(12);

  private final LinearGaussian model =
      new LinearGaussian(
          new double[][] {{1.5, 0.5, -1, 0.2}, {-0.5, 1, 0.3, 2}},
          new double[] {0.5, -1, 0.2, 0},
          0.1);

  @AfterEach
  void close() {
    model.close();
  }

  @Test
  void equals_the_closed_form_within_its_error() {
    Batch x = simulated(40, 1).x();
    AnnealedImportanceSampling.Estimate estimate = sampler(16, 150).lowerBound(x, KEY);
    double[] exact = model.logProb(x);
    double sum = 0;
    for (int i = 0; i < exact.length; i++) {
      double error = Math.sqrt(1 / estimate.effectiveSampleSize()[i]);
      assertEquals(exact[i], estimate.nats()[i], 5 * error, "example " + i);
      sum += estimate.nats()[i] - exact[i];
    }
    assertEquals(0, sum / exact.length, 0.05);
    double effective = Arrays.stream(estimate.effectiveSampleSize()).average().orElseThrow();
    assertTrue(effective > 8 && effective <= 16, "effective sample size " + effective);
  }

  @Test
  void bounds_enclose_the_truth_and_close_in_with_steps() {
    double widest = Double.POSITIVE_INFINITY;
    for (int steps : new int[] {4, 30, 250}) {
      BidirectionalMonteCarlo.Simulated simulated = simulated(150, 2);
      AnnealedImportanceSampling sampler = sampler(1, steps);
      Moments below = new Moments();
      Moments above = new Moments();
      double[] exact = model.logProb(simulated.x());
      double[] lower = sampler.lowerBound(simulated.x(), KEY.fold("lower")).nats();
      double[] upper = sampler.upperBound(simulated.x(), simulated.z(), KEY.fold("upper")).nats();
      for (int i = 0; i < exact.length; i++) {
        below.add(exact[i] - lower[i]);
        above.add(upper[i] - exact[i]);
      }
      assertTrue(
          below.mean() > -3 * below.standardError(), "lower bound too high: " + below.mean());
      assertTrue(above.mean() > -3 * above.standardError(), "upper bound too low: " + above.mean());
      double gap = below.mean() + above.mean();
      assertTrue(gap < 0.7 * widest, gap + " after " + widest);
      widest = gap;
    }
    assertTrue(widest < 0.8, "gap of 250 steps: " + widest);
  }

  @Test
  void from_the_mode_a_gaussian_posterior_takes_few_steps() {
    BidirectionalMonteCarlo.Simulated simulated = simulated(60, 7);
    double[] exact = model.logProb(simulated.x());
    AnnealedImportanceSampling sampler =
        new AnnealedImportanceSampling(model.decoder(), fromMode(8, 10));
    AnnealedImportanceSampling.Estimate lower = sampler.lowerBound(simulated.x(), KEY);
    AnnealedImportanceSampling.Estimate upper =
        sampler.upperBound(simulated.x(), simulated.z(), KEY);
    double below = 0;
    double above = 0;
    for (int i = 0; i < exact.length; i++) {
      assertEquals(exact[i], lower.nats()[i], 0.7, "lower bound of example " + i);
      assertEquals(exact[i], upper.nats()[i], 0.7, "upper bound of example " + i);
      below += (exact[i] - lower.nats()[i]) / exact.length;
      above += (upper.nats()[i] - exact[i]) / exact.length;
    }
    assertEquals(0, below, 0.05);
    assertEquals(0, above, 0.05);
    assertTrue(Arrays.stream(lower.effectiveSampleSize()).average().orElseThrow() > 7.5);
    assertArrayEquals(
        lower.nats(),
        new AnnealedImportanceSampling(model.decoder(), fromMode(8, 10))
            .lowerBound(simulated.x(), KEY)
            .nats(),
        0);
  }

  @Test
  void the_truth_is_enclosed_where_the_posterior_is_no_gaussian() {
    try (CurvedDecoder curved = new CurvedDecoder(11)) {
      long[] ids = LongStream.range(0, 200).toArray();
      BidirectionalMonteCarlo.Simulated simulated =
          new BidirectionalMonteCarlo(curved.decoder(), fromMode(1, 1))
              .simulate(ids, RandomKey.of(8));
      double[] exact = curved.logProb(simulated.x());
      double widest = Double.POSITIVE_INFINITY;
      for (int steps : new int[] {3, 40}) {
        AnnealedImportanceSampling sampler =
            new AnnealedImportanceSampling(curved.decoder(), fromMode(2, steps));
        double[] lower = sampler.lowerBound(simulated.x(), KEY.fold("lower")).nats();
        double[] upper = sampler.upperBound(simulated.x(), simulated.z(), KEY.fold("up")).nats();
        Moments below = new Moments();
        Moments above = new Moments();
        for (int i = 0; i < exact.length; i++) {
          below.add(exact[i] - lower[i]);
          above.add(upper[i] - exact[i]);
        }
        assertTrue(below.mean() > -3 * below.standardError(), "too high: " + below.mean());
        assertTrue(above.mean() > -3 * above.standardError(), "too low: " + above.mean());
        double gap = below.mean() + above.mean();
        assertTrue(gap < widest, gap + " after " + widest);
        widest = gap;
      }
      assertTrue(widest < 0.1, "gap of 40 steps: " + widest);
    }
  }

  @Test
  void symmetric_matrices_are_taken_apart_and_solved() {
    double[][] matrix = {{4, 1, -2, 0.5}, {1, 3, 0, 1}, {-2, 0, 6, 0.2}, {0.5, 1, 0.2, 0.1}};
    SymmetricMatrix parts = SymmetricMatrix.withFloor(matrix, -100);
    for (int i = 0; i < 4; i++) {
      for (int j = 0; j < 4; j++) {
        double sum = 0;
        double overlap = 0;
        for (int k = 0; k < 4; k++) {
          sum += parts.eigenvalue(k) * parts.eigenvector(i, k) * parts.eigenvector(j, k);
          overlap += parts.eigenvector(k, i) * parts.eigenvector(k, j);
        }
        assertEquals(matrix[i][j], sum, 1e-12);
        assertEquals(i == j ? 1 : 0, overlap, 1e-12);
      }
    }
    double[] y = parts.solve(new double[] {9, 1, 2, 3, 4}, 1);
    for (int i = 0; i < 4; i++) {
      double sum = 0;
      for (int j = 0; j < 4; j++) {
        sum += matrix[i][j] * y[j];
      }
      assertEquals(i + 1, sum, 1e-9);
    }
    SymmetricMatrix raised = SymmetricMatrix.withFloor(matrix, 1);
    for (int k = 0; k < 4; k++) {
      assertTrue(raised.eigenvalue(k) >= 1);
    }
  }

  @Test
  void bidirectional_monte_carlo_reports_the_gap() {
    BidirectionalMonteCarlo bidirectional =
        new BidirectionalMonteCarlo(model.decoder(), AnnealedImportanceSampling.Effort.of(8, 100));
    long[] ids = LongStream.range(0, 30).toArray();
    BidirectionalMonteCarlo.Sandwich sandwich = bidirectional.of(ids, KEY);
    double gap = Arrays.stream(sandwich.gaps()).average().orElseThrow();
    assertTrue(gap > -0.05 && gap < 0.2, "gap " + gap);
    assertArrayEquals(sandwich.lower(), bidirectional.of(ids, KEY).lower(), 0);
  }

  @Test
  void moves_keep_the_joint_distribution_of_latents_and_examples() {
    // z given x is exact to begin with, so z and x together stay distributed as the model says.
    int examples = 4000;
    BidirectionalMonteCarlo.Simulated simulated = simulated(examples, 3);
    LatentChains chains =
        LatentChains.from(
            simulated.z(),
            AnnealingStart.prior(examples, 2),
            model.decoder(),
            simulated.x(),
            0,
            1,
            5,
            KEY);
    double[] stepSize = new double[examples];
    Arrays.fill(stepSize, 0.25); // near the limit of stability, so that many moves are refused
    Moments acceptance = new Moments();
    for (int move = 0; move < 8; move++) {
      acceptance.merge(Moments.of(chains.move(move, 1, stepSize)));
    }
    assertTrue(acceptance.mean() < 0.97 && acceptance.mean() > 0.2, "" + acceptance.mean());
    assertFalse(Arrays.equals(floats(chains.u()), simulated.z()));
    for (int l = 0; l < 2; l++) {
      int at = l;
      assertEquals(0, mean(examples, i -> chains.u()[2 * i + at]), 0.08);
      assertEquals(1, mean(examples, i -> chains.u()[2 * i + at] * chains.u()[2 * i + at]), 0.11);
      for (int d = 0; d < 4; d++) {
        int element = d;
        double covariance =
            mean(
                examples,
                i ->
                    chains.u()[2 * i + at]
                        * (simulated.x().values()[4 * i + element] - model.b[element]));
        assertEquals(model.w[l][d], covariance, 0.2, "latent " + l + ", element " + d);
      }
    }
    assertEquals(0, mean(examples, i -> chains.u()[2 * i] * chains.u()[2 * i + 1]), 0.08);
  }

  @Test
  void moves_under_the_prior_keep_the_standard_normal() {
    int examples = 3000;
    Batch x = simulated(examples, 4).x();
    LatentChains chains =
        LatentChains.drawn(AnnealingStart.prior(examples, 2), model.decoder(), x, 0, 1, 3, KEY);
    double[] stepSize = new double[examples];
    Arrays.fill(stepSize, 1.6); // leapfrog alone would blow this up
    for (int move = 0; move < 10; move++) {
      chains.move(move, 0, stepSize);
    }
    Moments moments = Moments.of(chains.u());
    assertEquals(0, moments.mean(), 5 * moments.standardError());
    assertEquals(1, moments.variance(), 0.1);
    double fourth = mean(chains.u().length, i -> Math.pow(chains.u()[i], 4));
    assertEquals(3, fourth, 0.6);
  }

  @Test
  void step_sizes_are_adapted_to_the_acceptance_asked_for() {
    Batch x = simulated(20, 5).x();
    AnnealedImportanceSampling.Estimate estimate = sampler(8, 200).lowerBound(x, KEY);
    double acceptance = Arrays.stream(estimate.acceptance()).average().orElseThrow();
    assertTrue(acceptance > 0.6 && acceptance < 0.85, "acceptance " + acceptance);
    // Early on the target is the wide prior, at the end the narrow posterior.
    double[][] sizes = sampler(8, 200).stepSizes(AnnealingStart.prior(20, 2), x, KEY);
    assertTrue(mean(20, i -> sizes[199][i]) < 0.7 * mean(20, i -> sizes[40][i]));
  }

  @Test
  void results_depend_on_the_id_and_not_on_the_company_it_is_in() {
    Batch x = simulated(6, 6).x();
    double[] together = sampler(3, 30).lowerBound(x, KEY).nats();
    long[] ids = {x.ids()[4], 99, x.ids()[1], 77, 78, x.ids()[0]};
    float[] values = new float[6 * 4];
    int[] from = {4, 2, 1, 3, 5, 0};
    for (int i = 0; i < 6; i++) {
      System.arraycopy(x.values(), from[i] * 4, values, i * 4, 4);
    }
    double[] elsewhere = sampler(3, 30).lowerBound(model.batch(ids, values), KEY).nats();
    assertEquals(together[4], elsewhere[0], 1e-9);
    assertEquals(together[1], elsewhere[2], 1e-9);
    assertEquals(together[0], elsewhere[5], 1e-9);
    assertTrue(Math.abs(together[2] - elsewhere[1]) > 1e-6, "another id draws something else");
  }

  @Test
  void the_schedule_rises_from_the_prior_to_the_posterior() {
    double[] beta = AnnealingSchedule.sigmoid(50);
    assertEquals(51, beta.length);
    assertEquals(0, beta[0]);
    assertEquals(1, beta[50]);
    for (int t = 1; t <= 50; t++) {
      assertTrue(beta[t] > beta[t - 1]);
      assertEquals(beta[t] - beta[t - 1], beta[51 - t] - beta[50 - t], 1e-12, "symmetric");
    }
  }

  private AnnealedImportanceSampling sampler(int chains, int steps) {
    return new AnnealedImportanceSampling(
        model.decoder(), AnnealedImportanceSampling.Effort.of(chains, steps));
  }

  private static AnnealedImportanceSampling.Effort fromMode(int chains, int steps) {
    return AnnealedImportanceSampling.Effort.of(chains, steps)
        .from(AnnealedImportanceSampling.Start.MODE);
  }

  private BidirectionalMonteCarlo.Simulated simulated(int examples, long seed) {
    return new BidirectionalMonteCarlo(model.decoder(), AnnealedImportanceSampling.Effort.of(1, 1))
        .simulate(LongStream.range(0, examples).toArray(), RandomKey.of(seed));
  }

  private static double mean(int count, java.util.function.IntToDoubleFunction of) {
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += of.applyAsDouble(i);
    }
    return sum / count;
  }

  private static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
