package dev.ancestral.model.quality;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.model.EventSpec;
import dev.ancestral.random.RandomKey;
import org.junit.jupiter.api.Test;

class FeatureStatisticsTest {
  private static final RandomKey KEY = RandomKey.of(5);
  private static final int VECTORS = 20_000;

  /** N(mean, diag variance), of independent normal elements. */
  private static FeatureStatistics normal(RandomKey key, double[] mean, double[] deviation) {
    FeatureStatistics statistics = new FeatureStatistics(mean.length);
    float[] z = new float[mean.length];
    for (int n = 0; n < VECTORS; n++) {
      key.fold(n).fillNormal(0, z, 0, z.length);
      double[] vector = new double[mean.length];
      for (int i = 0; i < vector.length; i++) {
        vector[i] = mean[i] + deviation[i] * z[i];
      }
      statistics.add(vector);
    }
    return statistics;
  }

  @Test
  void of_diagonal_gaussians_it_is_known() {
    double[] deviation = {1, 2, 0.5};
    double[] other = {1.5, 1, 0.5};
    FeatureStatistics a = normal(KEY, new double[] {0, 1, 2}, deviation);
    FeatureStatistics b = normal(KEY.fold(1), new double[] {1, 1, 0}, other);
    // ‖m₁ − m₂‖² + Σ (σ₁ − σ₂)²
    assertEquals(5 + 0.25 + 1, a.distance(b), 0.15);
    assertEquals(a.distance(b), b.distance(a), 1e-9);
    assertEquals(0, a.distance(a), 1e-6);
  }

  @Test
  void parts_add_up_to_the_whole() {
    double[] mean = {0.3, -1};
    FeatureStatistics whole = normal(KEY, mean, new double[] {1, 2});
    FeatureStatistics first = new FeatureStatistics(2);
    FeatureStatistics second = new FeatureStatistics(2);
    float[] z = new float[2];
    for (int n = 0; n < VECTORS; n++) {
      KEY.fold(n).fillNormal(0, z, 0, 2);
      (n < 777 ? first : second).add(new double[] {mean[0] + z[0], mean[1] + 2 * z[1]});
    }
    first.merge(second);
    assertEquals(VECTORS, first.count());
    assertEquals(0, whole.distance(first), 1e-9);
  }

  /** 2³⁰ takes 20 digits from squares and none from deviations. */
  @Test
  void large_means_cost_no_digits() {
    double far = 1 << 30;
    FeatureStatistics[] near = {new FeatureStatistics(2), new FeatureStatistics(2)};
    FeatureStatistics[] shifted = new FeatureStatistics[2];
    for (int side = 0; side < 2; side++) {
      FeatureStatistics[] parts = {new FeatureStatistics(2), new FeatureStatistics(2)};
      for (int n = 0; n < 500; n++) {
        double[] vector = {KEY.fold(side).below(n, 5 + side), KEY.fold(2).below(n, 4)};
        near[side].add(vector);
        parts[n % 2].add(new double[] {vector[0] + far, vector[1] + far});
      }
      parts[0].merge(parts[1]);
      shifted[side] = parts[0];
    }
    double expected = near[0].distance(near[1]);
    assertEquals(expected, shifted[0].distance(shifted[1]), 1e-9 * expected);
  }

  @Test
  void too_few_or_not_finite_is_no_number() {
    FeatureStatistics fine = normal(KEY, new double[1], new double[] {1});
    assertTrue(Double.isNaN(new FeatureStatistics(1).distance(fine)));
    FeatureStatistics broken = normal(KEY, new double[1], new double[] {1});
    broken.add(new double[] {Double.NaN});
    assertTrue(Double.isNaN(fine.distance(broken)));
  }

  @Test
  void a_matrix_is_its_eigenvalues_turned() {
    int n = 9;
    float[] normal = new float[n * n];
    KEY.fillNormal(0, normal, 0, normal.length);
    double[][] a = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        for (int k = 0; k < n; k++) {
          a[i][j] += normal[i * n + k] * (double) normal[j * n + k];
        }
      }
    }
    double[][] root = SymmetricMatrix.squareRoot(a);
    double[][] square = SymmetricMatrix.product(root, root);
    for (int i = 0; i < n; i++) {
      assertArrayEquals(a[i], square[i], 1e-9);
    }
  }

  @Test
  void features_tell_distributions_apart() {
    EventSpec event = EventSpec.discrete(2, 6, 6, 1);
    RandomFeatures features = new RandomFeatures(KEY, event, 12);
    assertArrayEquals(
        features.of(new float[36], 0), new RandomFeatures(KEY, event, 12).of(new float[36], 0));
    FeatureStatistics[] statistics = new FeatureStatistics[3];
    double[] shares = {0.3, 0.3, 0.5};
    float[] pixels = new float[36];
    for (int s = 0; s < 3; s++) {
      statistics[s] = new FeatureStatistics(12);
      for (int n = 0; n < 2000; n++) {
        for (int d = 0; d < pixels.length; d++) {
          pixels[d] = KEY.fold(s).fold(n).uniform(d) < shares[s] ? 1 : 0;
        }
        statistics[s].add(features.of(pixels, 0));
      }
    }
    double alike = statistics[0].distance(statistics[1]);
    double unlike = statistics[0].distance(statistics[2]);
    assertTrue(unlike > 20 * alike, alike + " " + unlike);
  }
}
