package dev.ancestral.distribution.statistics;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ancestral.config.Settings;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Families;
import dev.ancestral.model.StatisticsFit;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.NamedArrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Means far from zero against exact values, and against the same data near zero. */
final class GaussianEmissionTest {
  private static final RandomKey KEY = RandomKey.of(3);
  private static final double LARGE = 1 << 24; // float32 holds whole numbers up to here, then evens

  @Test
  void variance_of_large_numbers_is_that_of_their_differences() {
    float[] values = {16777214, 16777215, 16777216};
    NamedArrays fit = fit(model(1, "naive-bayes", Map.of()), values);
    assertEquals(16777215, fit.array("mean", 1, 1)[0]);
    assertEquals(2.0 / 3, fit.array("variance", 1, 1)[0], 1e-15);
  }

  /** Five thousand whole numbers, in shards that begin far from the mean or with nothing at all. */
  @Test
  void variance_of_merged_shards_against_whole_numbers() {
    int n = 5000;
    GaussianEmission emission = new GaussianEmission(2, 1);
    double[] merged = new double[emission.statisticsSize()];
    long[] count = new long[2];
    long[] sum = new long[2];
    long[] squares = new long[2];
    for (int shard = 0; shard < 10; shard++) {
      double[] statistics = new double[emission.statisticsSize()];
      float[] values = new float[n / 10];
      double[][] weights = new double[n / 10][2];
      for (int i = 0; i < values.length; i++) {
        int k = shard == 0 ? 1 : (int) KEY.fold(shard).below(i, 2);
        int deviation = shard == 3 && i == 0 ? -900 : (int) KEY.fold(shard).fold(1).below(i, 7);
        values[i] = (float) (LARGE - 10 + deviation);
        weights[i][k] = 1;
        count[k]++;
        sum[k] += deviation;
        squares[k] += (long) deviation * deviation;
      }
      emission.accumulate(values, 0, values.length, weights, statistics, 0);
      emission.merge(statistics, merged, 0);
    }
    NamedArrays fit = emission.maximize(merged, 0, NamedArrays.empty());
    for (int k = 0; k < 2; k++) {
      double mean = sum[k] / (double) count[k];
      double variance = (count[k] * squares[k] - sum[k] * sum[k]) / ((double) count[k] * count[k]);
      assertEquals(LARGE - 10 + mean, fit.array("mean", 2, 1)[k], 4e-9);
      assertEquals(variance, fit.array("variance", 2, 1)[k], 1e-9 * variance);
    }
  }

  /** The class of the large numbers does not suffer from the small ones that come first. */
  @Test
  void every_class_has_a_centre_of_its_own() {
    EventSpec event = EventSpec.continuous(1).withClasses(2);
    StatisticsModel model =
        define("naive-bayes", event, Map.of("likelihood", "gaussian", "classes", "label"));
    float[] values = {0, 1, 2, 16777214, 16777215, 16777216};
    int[] labels = {0, 0, 0, 1, 1, 1};
    Batch data = new Batch(event, new long[] {0, 1, 2, 3, 4, 5}, values, labels, null);
    NamedArrays fit = StatisticsFit.of(model, data, KEY).parameters();
    assertArrayEquals(new double[] {1, 16777215}, fit.array("mean", 2, 1), 1e-9);
    // The floor: 10⁻⁶ of the variance over both classes, 2⁴⁶ · 10⁻⁶ or so.
    double pooled = Math.pow(16777214 / 2.0, 2) + 2.0 / 3;
    assertArrayEquals(
        new double[] {1e-6 * pooled, 1e-6 * pooled}, fit.array("variance", 2, 1), 1e-3);
  }

  @Test
  void latent_classes_and_hidden_states_do_not_move_with_the_origin() {
    for (String family : new String[] {"naive-bayes", "hmm"}) {
      Map<String, Object> settings = new HashMap<>(Map.of("iterations", 4));
      StatisticsModel model = model(2, family, settings);
      float[] near = new float[400];
      float[] far = new float[near.length];
      for (int i = 0; i < near.length; i++) {
        near[i] = KEY.below(2L * i, 5) + (i / 20 % 2 == 0 ? 0 : 9);
        far[i] = (float) (near[i] - LARGE);
      }
      NamedArrays expected = fit(model, near);
      NamedArrays actual = fit(model, far);
      for (int k = 0; k < 2; k++) {
        double mean = expected.array("mean", 2, 1)[k];
        double variance = expected.array("variance", 2, 1)[k];
        assertEquals(mean, actual.array("mean", 2, 1)[k] + LARGE, 1e-7, family);
        assertEquals(variance, actual.array("variance", 2, 1)[k], 1e-7 * variance, family);
      }
    }
  }

  @Test
  void the_floor_follows_the_scale_of_the_data() {
    float[] tiny = {1e-9f, 2e-9f, 3e-9f};
    double mean = ((double) tiny[0] + tiny[1] + tiny[2]) / 3;
    double variance = 0;
    for (float value : tiny) {
      variance += (value - mean) * (value - mean) / 3;
    }
    NamedArrays fit = fit(model(1, "naive-bayes", Map.of()), tiny);
    assertEquals(variance, fit.array("variance", 1, 1)[0], 1e-9 * variance);
    NamedArrays constant = fit(model(1, "naive-bayes", Map.of()), new float[] {5, 5, 5});
    assertEquals(1e-12, constant.array("variance", 1, 1)[0]);
  }

  private static StatisticsModel model(int states, String family, Map<String, Object> more) {
    boolean sequences = family.equals("hmm");
    EventSpec event =
        sequences
            ? new EventSpec(List.of(1), new EventSpec.Continuous(), true, 0, List.of(), 0)
            : EventSpec.continuous(1);
    Map<String, Object> settings = new HashMap<>(more);
    settings.put(sequences ? "emissions" : "likelihood", "gaussian");
    if (sequences || states > 1) {
      settings.put(sequences ? "states" : "components", states);
    }
    return define(family, event, settings);
  }

  private static StatisticsModel define(
      String family, EventSpec event, Map<String, Object> settings) {
    return (StatisticsModel) Families.named(family).define(Settings.of(settings), event);
  }

  private static NamedArrays fit(StatisticsModel model, float[] values) {
    boolean sequences = model.event().variableLength();
    Batch data =
        sequences
            ? new Batch(model.event(), new long[] {0}, values, null, new int[] {values.length})
            : Batch.of(model.event(), LongStream.range(0, values.length).toArray(), values);
    return StatisticsFit.of(model, data, KEY).parameters();
  }
}
