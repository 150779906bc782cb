package dev.ancestral.model.dequantization;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.likelihood.Moments;
import dev.ancestral.model.Batch;
import dev.ancestral.model.BoundModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.SmallEvents;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.model.naivebayes.NaiveBayes.NaiveBayesFamily;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.NamedArrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DequantizationTest {

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 10, 256, 65_536})
  void quantizing_undoes_it(int levels) {
    EventSpec event = EventSpec.discrete(levels, 5);
    float[] values = new float[5 * 400];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 3 == 0 ? levels - 1 : i % levels;
    }
    Batch batch = Batch.of(event, LongStream.range(0, 400).toArray(), values);
    Batch continuous = Dequantization.apply(batch, RandomKey.of(1));
    assertEquals(Dequantization.event(event), continuous.event());
    for (float value : continuous.values()) {
      assertTrue(value >= 0 && value < 1, "a dequantized value is " + value);
    }
    assertArrayEquals(values, Dequantization.quantize(continuous, event).values());
  }

  @Test
  void the_noise_is_uniform_and_keyed_by_id() {
    EventSpec event = EventSpec.discrete(2, 1);
    Batch zeros = Batch.of(event, LongStream.range(0, 20_000).toArray(), new float[20_000]);
    Batch noise = Dequantization.apply(zeros, RandomKey.of(2));
    Moments moments = new Moments();
    for (float value : noise.values()) {
      moments.add(2 * value);
    }
    assertEquals(0.5, moments.mean(), 5 * moments.standardError());
    assertEquals(1.0 / 12, moments.variance(), 0.002);
    Batch one = Batch.of(event, new long[] {77}, new float[1]);
    assertEquals(noise.values()[77], Dequantization.apply(one, RandomKey.of(2)).values()[0]);
  }

  @Test
  void missing_stays_missing_and_padding_stays_zero() {
    EventSpec event = new EventSpec(List.of(1), new EventSpec.Discrete(4), true, 0, List.of(), 0);
    float[] values = {1, Float.NaN, 3, 2, 0, 0};
    Batch batch = new Batch(event, new long[] {0, 1}, values, null, new int[] {3, 1});
    float[] dequantized = Dequantization.apply(batch, RandomKey.of(3)).values();
    assertTrue(Float.isNaN(dequantized[1]));
    assertEquals(2, (int) (dequantized[3] * 4));
    assertEquals(0, dequantized[4]);
    assertEquals(0, dequantized[5]);
  }

  @Test
  void the_uniform_density_gives_the_uniform_probability() {
    Batch batch = Batch.of(EventSpec.discrete(8, 3), new long[] {4}, new float[] {0, 5, 7});
    assertEquals(-3 * Math.log(8), Dequantization.discreteNats(batch, new double[] {0})[0], 1e-15);
  }

  @Test
  void bounds_stay_below_the_probability_of_the_cell_and_tighten() {
    EventSpec event = EventSpec.discrete(4, 1);
    double mean = 0.4;
    double deviation = 0.1;
    NamedArrays parameters =
        NamedArrays.empty()
            .with("prior", new double[] {1}, 1)
            .with("mean", new double[] {mean}, 1, 1)
            .with("variance", new double[] {deviation * deviation}, 1, 1);
    StatisticsModel gaussian =
        (StatisticsModel)
            new NaiveBayesFamily()
                .define(Settings.of(Map.of("likelihood", "gaussian")), Dequantization.event(event));
    Batch all = SmallEvents.every(event, 1);
    try (BoundModel model = (BoundModel) Dequantization.model(gaussian.bind(parameters), event)) {
      double[] elbo = model.elbo(all, 4000, RandomKey.of(5));
      double[] few = new double[4];
      for (int repeat = 0; repeat < 500; repeat++) {
        double[] bound = model.iwae(all, 4, RandomKey.of(100 + repeat));
        for (int x = 0; x < 4; x++) {
          few[x] += bound[x] / 500;
        }
      }
      double[] many = model.iwae(all, 50_000, RandomKey.of(6));
      for (int x = 0; x < 4; x++) {
        double exact = Math.log(probability(x / 4.0, (x + 1) / 4.0, mean, deviation));
        assertTrue(elbo[x] < exact - 0.02, "elbo " + elbo[x] + " of " + exact);
        assertTrue(few[x] > elbo[x] && few[x] < exact, "iwae-4 " + few[x] + " of " + exact);
        assertEquals(exact, many[x], 0.05);
      }
      Batch drawn =
          model.sample(
              LongStream.range(0, 20_000).toArray(), RandomKey.of(7), SampleRequest.plain());
      int second = 0;
      for (float value : drawn.values()) {
        second += value == 1 ? 1 : 0;
      }
      assertEquals(event, drawn.event());
      assertEquals(probability(0.25, 0.5, mean, deviation), second / 20_000.0, 0.02);
    }
  }

  @Test
  void continuous_events_are_refused() {
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> Dequantization.event(EventSpec.continuous(2)));
    assertEquals(ErrorCode.MISMATCH, refusal.code());
  }

  private static double probability(double from, double to, double mean, double deviation) {
    double sum = 0;
    int cells = 20_000;
    for (int i = 0; i < cells; i++) {
      double z = (from + (i + 0.5) * (to - from) / cells - mean) / deviation;
      sum += Math.exp(-0.5 * z * z);
    }
    return sum * (to - from) / cells / (deviation * Math.sqrt(2 * Math.PI));
  }
}
