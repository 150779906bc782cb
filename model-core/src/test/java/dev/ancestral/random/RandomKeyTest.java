package dev.ancestral.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.likelihood.Moments;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class RandomKeyTest {
  private static final int DRAWS = 100_000;

  @Test
  void uniform_draws_have_the_moments_of_the_uniform() {
    float[] draws = new float[DRAWS];
    RandomKey.of(1).fillUniform(0, draws, 0, DRAWS);
    Moments moments = new Moments();
    for (float u : draws) {
      assertTrue(u >= 0 && u < 1);
      moments.add(u);
    }
    assertEquals(0.5, moments.mean(), 5 * moments.standardError());
    // The variance of a sample variance of uniforms is near 1/180n.
    assertEquals(1.0 / 12, moments.variance(), 5 / Math.sqrt(180.0 * DRAWS));
  }

  @Test
  void normal_draws_have_the_moments_of_the_normal() {
    float[] draws = new float[DRAWS];
    RandomKey.of(2).fillNormal(0, draws, 0, DRAWS);
    double[] power = new double[5];
    for (float x : draws) {
      for (int p = 1; p <= 4; p++) {
        power[p] += Math.pow(x, p) / DRAWS;
      }
    }
    // Standard errors from E x^2 = 1, E x^4 = 3, E x^6 = 15, E x^8 = 105.
    assertEquals(0, power[1], 5 * Math.sqrt(1.0 / DRAWS));
    assertEquals(1, power[2], 5 * Math.sqrt(2.0 / DRAWS));
    assertEquals(0, power[3], 5 * Math.sqrt(15.0 / DRAWS));
    assertEquals(3, power[4], 5 * Math.sqrt(96.0 / DRAWS));
  }

  @Test
  void bytes_of_the_bits_are_uniform() {
    long[] counts = new long[256];
    RandomKey key = RandomKey.of(3);
    for (int i = 0; i < DRAWS; i++) {
      long bits = key.bits(i);
      for (int b = 0; b < 8; b++) {
        counts[(int) (bits >>> (8 * b)) & 255]++;
      }
    }
    assertTrue(chiSquare(counts) < 255 + 5 * Math.sqrt(2 * 255), Arrays.toString(counts));
  }

  @Test
  void folded_keys_are_independent() {
    // Correlations of the draws of neighbouring keys, and of a key with what it is derived from.
    RandomKey root = RandomKey.of(4);
    double[] sums = new double[3];
    for (int i = 0; i < DRAWS; i++) {
      double here = root.fold(i).uniform(0) - 0.5;
      sums[0] += here * (root.fold(i + 1).uniform(0) - 0.5);
      sums[1] += here * (root.uniform(i) - 0.5);
      sums[2] += here * (root.fold(i).fold(0).uniform(0) - 0.5);
    }
    for (double sum : sums) {
      assertEquals(0, sum / DRAWS, 5.0 / 12 / Math.sqrt(DRAWS));
    }
  }

  @Test
  void different_folds_differ() {
    Set<Long> seen = new HashSet<>();
    RandomKey root = RandomKey.of(5);
    for (int i = -500; i < 500; i++) {
      assertTrue(seen.add(root.fold(i).bits(0)));
      assertTrue(seen.add(root.fold(i).fold(i).bits(0)));
    }
    assertTrue(seen.add(root.fold("noise").bits(0)));
    assertTrue(seen.add(root.fold("order").bits(0)));
    assertTrue(seen.add(root.fold("").bits(0)));
    assertEquals(root.fold("noise").bits(7), RandomKey.of(5).fold("noise").bits(7));
  }

  @Test
  void draws_do_not_depend_on_how_they_are_batched() {
    RandomKey key = RandomKey.of(6);
    float[] uniform = new float[97];
    float[] normal = new float[97];
    double[] fine = new double[97];
    key.fillUniform(0, uniform, 0, 97);
    key.fillNormal(0, normal, 0, 97);
    key.fillUniform(0, fine, 0, 97);
    for (int width : new int[] {1, 2, 3, 5, 64}) {
      float[] u = new float[97];
      float[] n = new float[97];
      double[] f = new double[97];
      for (int from = 0; from < 97; from += width) {
        int count = Math.min(width, 97 - from);
        key.fillUniform(from, u, from, count);
        key.fillNormal(from, n, from, count);
        key.fillUniform(from, f, from, count);
      }
      assertArrayEquals(uniform, u);
      assertArrayEquals(normal, n);
      assertArrayEquals(fine, f);
    }
    for (int i = 0; i < 97; i++) {
      assertEquals(key.uniform(i), fine[i]);
    }
  }

  @Test
  void every_order_of_four_is_equally_likely() {
    Map<String, Integer> index = new HashMap<>();
    long[] counts = new long[24];
    for (int i = 0; i < 48_000; i++) {
      String order = Arrays.toString(RandomKey.of(7).fold(i).permutation(4));
      counts[index.computeIfAbsent(order, o -> index.size())]++;
    }
    assertEquals(24, index.size());
    assertTrue(chiSquare(counts) < 23 + 5 * Math.sqrt(2 * 23), Arrays.toString(counts));
  }

  @Test
  void below_is_uniform_and_within_its_bound() {
    RandomKey key = RandomKey.of(8);
    long[] counts = new long[7];
    for (int i = 0; i < 70_000; i++) {
      counts[(int) key.below(i, 7)]++;
      assertTrue(key.below(i, 1L << 62) < 1L << 62);
      assertEquals(0, key.below(i, 1));
    }
    assertTrue(chiSquare(counts) < 6 + 5 * Math.sqrt(12), Arrays.toString(counts));
    assertThrows(IllegalArgumentException.class, () -> key.below(0, 0));
    assertThrows(IllegalArgumentException.class, () -> key.below(0, (1L << 62) + 1));
  }

  @Test
  void derived_keys_are_blocks_of_other_keys() {
    // A model's bytes rest on these: they may never change.
    long seed = 0x0123456789ABCDEFL;
    int[] block = new int[4];
    Philox.block(seed ^ 0x9E3779B97F4A7C15L, 5, 0, block);
    assertEquals(bits(join(block[0], block[1]), join(block[2], block[3])), fold(seed).bits(0));
    Philox.block(seed ^ 0xD1B54A32D192ED03L, 1, 0, block);
    long key = join(block[0], block[1]);
    Philox.block(key ^ 0xD1B54A32D192ED03L, 'a', join(block[2], block[3]), block);
    assertEquals(
        bits(join(block[0], block[1]), join(block[2], block[3])),
        RandomKey.of(seed).fold("a").bits(0));
  }

  private static RandomKey fold(long seed) {
    return RandomKey.of(seed).fold(5);
  }

  private static long bits(long key, long stream) {
    int[] block = new int[4];
    Philox.block(key, 0, stream, block);
    return join(block[0], block[1]);
  }

  private static long join(int low, int high) {
    return (low & 0xFFFFFFFFL) | ((long) high << 32);
  }

  @Test
  void normal_draws_are_quantiles_of_the_middles_of_cells() {
    float[] draws = new float[DRAWS];
    RandomKey.of(9).fillNormal(0, draws, 0, DRAWS);
    int least = 0;
    for (int i = 0; i < DRAWS; i++) {
      least = draws[i] < draws[least] ? i : least;
    }
    // Far out half a cell shows in a float32.
    int[] block = new int[4];
    Philox.block(9, least >>> 2, 0, block);
    double cell = block[least & 3] & 0xFFFFFFFFL;
    assertEquals((float) NormalQuantile.of((cell + 0.5) * 0x1p-32), draws[least]);
    assertTrue((float) NormalQuantile.of((cell - 0.5) * 0x1p-32) != draws[least]);
  }

  private static double chiSquare(long[] counts) {
    double expected = Arrays.stream(counts).sum() / (double) counts.length;
    double sum = 0;
    for (long count : counts) {
      sum += (count - expected) * (count - expected) / expected;
    }
    return sum;
  }
}
