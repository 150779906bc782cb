package dev.ancestral.likelihood.twosample;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.random.RandomKey;
import java.util.Arrays;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

class TwoSampleTest {
  private static final RandomKey KEY = RandomKey.of(77);

  @Test
  void the_discrepancy_is_that_of_its_definition() {
    float[][] x = normal(7, 3, 1, 0, 1);
    float[][] y = normal(5, 3, 2, 0.5, 2);
    float[][] both = together(x, y);
    MeanDiscrepancy result = MeanDiscrepancy.of(Points.of(both), 7, 99, KEY);
    double[] distances = new double[12 * 11 / 2];
    int at = 0;
    for (int i = 0; i < 12; i++) {
      for (int j = i + 1; j < 12; j++) {
        distances[at++] = distance(both[i], both[j]);
      }
    }
    Arrays.sort(distances);
    double sigma = distances[distances.length / 2];
    assertEquals(sigma, result.bandwidth(), 1e-6);
    double expected =
        meanKernel(x, x, sigma, true)
            + meanKernel(y, y, sigma, true)
            - 2 * meanKernel(x, y, sigma, false);
    assertEquals(expected, result.squared(), 1e-9);
  }

  @Test
  void p_values_are_those_of_every_relabelling_counted_out() {
    // Of 2 and 3 points there are 10 relabellings.
    float[][] both = {{0}, {0.2f}, {2}, {2.5f}, {3}};
    int more = 0;
    double observed = mmdOfFirstTwo(both, 0, 1);
    for (int i = 0; i < 5; i++) {
      for (int j = i + 1; j < 5; j++) {
        more += mmdOfFirstTwo(both, i, j) >= observed - 1e-12 ? 1 : 0;
      }
    }
    double p = MeanDiscrepancy.of(Points.of(both), 2, 4000, KEY).pValue();
    assertEquals(more / 10.0, p, 0.03);
  }

  @Test
  void p_values_are_uniform_under_the_hypothesis() {
    uniform(rows -> MeanDiscrepancy.of(Points.of(rows), 20, 99, KEY).pValue(), 40);
    uniform(rows -> MarginalComparison.of(rows, 20, 99, KEY).pValue(), 40);
    uniform(
        rows -> NearestTraining.of(column(rows, 0, 20), column(rows, 20, 40), 99, KEY).pValue(),
        40);
  }

  /** Under the hypothesis P(p ≤ a) = a. */
  private static void uniform(ToDoubleFunction<float[][]> pValue, int n) {
    int repeats = 300;
    double[] values = new double[repeats];
    for (int r = 0; r < repeats; r++) {
      values[r] = pValue.applyAsDouble(normal(n, 3, 1000 + r, 0, 1));
    }
    for (double level : new double[] {0.05, 0.25, 0.5, 0.75}) {
      double share = Arrays.stream(values).filter(p -> p <= level).count() / (double) repeats;
      assertEquals(level, share, 4 * Math.sqrt(level * (1 - level) / repeats), "level " + level);
    }
  }

  @Test
  void differences_of_mean_spread_and_shape_are_found() {
    float[][] data = normal(300, 4, 1, 0, 1);
    float[][] shifted = normal(300, 4, 2, 0.4, 1);
    float[][] wider = normal(300, 4, 3, 0, 1.5);
    float[][] flat = normal(300, 4, 4, 0, 1);
    for (float[] row : flat) {
      row[2] = row[2] > 0 ? 1 : -1; // mean and variance as before
    }
    for (float[][] broken : new float[][][] {shifted, wider, flat}) {
      float[][] both = together(data, broken);
      assertTrue(MarginalComparison.of(both, 300, 199, KEY).pValue() < 0.01);
    }
    for (float[][] broken : new float[][][] {shifted, wider}) {
      assertTrue(
          MeanDiscrepancy.of(Points.of(together(data, broken)), 300, 199, KEY).pValue() < 0.01);
    }
    float[][] same = together(data, normal(300, 4, 5, 0, 1));
    assertTrue(MarginalComparison.of(same, 300, 199, KEY).pValue() > 0.01);
    assertTrue(MeanDiscrepancy.of(Points.of(same), 300, 199, KEY).pValue() > 0.01);
  }

  @Test
  void dependence_is_seen_by_the_kernel_and_not_in_the_margins() {
    float[][] data = normal(400, 2, 1, 0, 1);
    float[][] tied = normal(400, 2, 2, 0, 1);
    for (float[] row : tied) {
      row[1] = row[0];
    }
    float[][] both = together(data, tied);
    assertTrue(MeanDiscrepancy.of(Points.of(both), 400, 199, KEY).pValue() < 0.01);
    assertTrue(MarginalComparison.of(both, 400, 199, KEY).pValue() > 0.01);
  }

  @Test
  void the_worst_element_is_named_with_its_shares() {
    float[][] both = new float[80][3];
    for (int i = 0; i < 80; i++) {
      both[i][0] = i % 2;
      both[i][1] = i < 40 ? 1 : i % 4 == 0 ? 1 : 0; // all of the first, a quarter of the second
      both[i][2] = 5; // never changes
    }
    MarginalComparison result = MarginalComparison.of(both, 40, 199, KEY);
    MarginalComparison.Element worst = result.worst().get(0);
    assertEquals(1, worst.index());
    assertEquals(0, worst.threshold());
    assertEquals(1, worst.firstShare(), 1e-12);
    assertEquals(0.25, worst.secondShare(), 1e-12);
    double share = 50.0 / 80;
    double deviation = Math.sqrt(share * (1 - share) * 80 / 79 * (2.0 / 40));
    assertEquals(0.75 / deviation, worst.deviations(), 1e-6);
    assertEquals(result.largest(), worst.deviations(), 1e-12);
    assertEquals(1 / 200.0, result.pValue(), 1e-12);
    assertEquals(2, result.worst().size(), "an element that never changes is not compared");
  }

  @Test
  void copies_of_training_data_are_found() {
    float[][] training = normal(300, 3, 1, 0, 1);
    float[][] heldOut = normal(150, 3, 2, 0, 1);
    double[] ofHeldOut = nearest(heldOut, training);
    double[] ofCopies = nearest(Arrays.copyOf(training, 150), training);
    NearestTraining copies = NearestTraining.of(ofCopies, ofHeldOut, 199, KEY);
    assertEquals(1, copies.closerShare(), 1e-12);
    assertEquals(0, copies.medianOfSamples(), 1e-12);
    assertEquals(1 / 200.0, copies.pValue(), 1e-12);
    NearestTraining honest =
        NearestTraining.of(nearest(normal(150, 3, 3, 0, 1), training), ofHeldOut, 199, KEY);
    assertEquals(0.5, honest.closerShare(), 0.15);
    assertTrue(honest.pValue() > 0.01);
    // Far from everything is bad, but it is no copying.
    NearestTraining far =
        NearestTraining.of(nearest(normal(150, 3, 4, 9, 1), training), ofHeldOut, 199, KEY);
    assertEquals(1, far.pValue(), 1e-12);
  }

  @Test
  void closer_share_counts_pairs() {
    double[] samples = {1, 3, 3, 7};
    double[] heldOut = {2, 3, 8};
    double pairs = 0;
    for (double a : samples) {
      for (double b : heldOut) {
        pairs += a < b ? 1 : a == b ? 0.5 : 0;
      }
    }
    assertEquals(pairs / 12, NearestTraining.of(samples, heldOut, 9, KEY).closerShare(), 1e-12);
  }

  @Test
  void equal_points_and_tiny_samples_are_no_trouble() {
    float[][] equal = new float[10][4];
    assertEquals(1, MeanDiscrepancy.of(Points.of(equal), 5, 19, KEY).pValue());
    assertEquals(1, MarginalComparison.of(equal, 5, 19, KEY).pValue());
    assertArrayEquals(new double[10], Points.of(equal).squaredDistances(new float[4]), 0);
    assertThrows(
        IllegalArgumentException.class, () -> MeanDiscrepancy.of(Points.of(equal), 1, 19, KEY));
  }

  private static double mmdOfFirstTwo(float[][] both, int i, int j) {
    float[][] x = {both[i], both[j]};
    float[][] y = new float[3][];
    int at = 0;
    for (int k = 0; k < 5; k++) {
      if (k != i && k != j) {
        y[at++] = both[k];
      }
    }
    double sigma = MeanDiscrepancy.of(Points.of(both), 2, 1, KEY).bandwidth();
    return meanKernel(x, x, sigma, true)
        + meanKernel(y, y, sigma, true)
        - 2 * meanKernel(x, y, sigma, false);
  }

  private static double meanKernel(float[][] a, float[][] b, double sigma, boolean same) {
    double sum = 0;
    int pairs = 0;
    for (int i = 0; i < a.length; i++) {
      for (int j = 0; j < b.length; j++) {
        if (!same || i != j) {
          double distance = distance(a[i], b[j]);
          sum += Math.exp(-distance * distance / (2 * sigma * sigma));
          pairs++;
        }
      }
    }
    return sum / pairs;
  }

  private static double distance(float[] a, float[] b) {
    double squares = 0;
    for (int d = 0; d < a.length; d++) {
      squares += ((double) a[d] - b[d]) * ((double) a[d] - b[d]);
    }
    return Math.sqrt(squares);
  }

  private static double[] nearest(float[][] rows, float[][] training) {
    Points points = Points.of(training);
    return Arrays.stream(rows)
        .mapToDouble(row -> Math.sqrt(Arrays.stream(points.squaredDistances(row)).min().orElse(0)))
        .toArray();
  }

  private static double[] column(float[][] rows, int from, int to) {
    double[] values = new double[to - from];
    Arrays.setAll(values, i -> rows[from + i][0]);
    return values;
  }

  private static float[][] normal(int n, int d, long seed, double mean, double deviation) {
    float[][] rows = new float[n][d];
    for (int i = 0; i < n; i++) {
      RandomKey.of(seed).fold(i).fillNormal(0, rows[i], 0, d);
      for (int k = 0; k < d; k++) {
        rows[i][k] = (float) (mean + deviation * rows[i][k]);
      }
    }
    return rows;
  }

  private static float[][] together(float[][] a, float[][] b) {
    float[][] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
