package dev.ancestral.distribution;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.torch.TorchEngine;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The laws of {@link Distribution}, for every one. */
class DistributionTest {
  private static final TorchEngine ENGINE =
      TorchEngine.open(new TorchEngine.Options(Device.cpu(), Precision.FLOAT64));

  /** A discrete distribution over E elements of V levels. */
  record Discrete(String name, Distribution distribution, int levels, int elements) {
    @Override
    public String toString() {
      return name;
    }
  }

  @AfterAll
  static void close() {
    ENGINE.close();
  }

  static Stream<Discrete> discrete() {
    Tensor logScale = ENGINE.constant(new double[] {-1.2}, 1);
    return Stream.of(
        new Discrete("bernoulli", new Bernoulli(), 2, 1),
        new Discrete("categorical", new Categorical(5), 5, 1),
        new Discrete("categorical of many draws", new Categorical(5).forManyDraws(ENGINE), 5, 1),
        new Discrete("logistic", new DiscretizedLogistic(new Levels(9), logScale), 9, 1),
        new Discrete("mixture", new LogisticMixture(9, 2, 1), 9, 1),
        new Discrete("mixture of 256 levels", new LogisticMixture(256, 4, 1), 256, 1),
        new Discrete(
            "mixture of many draws", new LogisticMixture(9, 2, 1).forManyDraws(ENGINE), 9, 1),
        new Discrete("mixture of three channels", new LogisticMixture(4, 2, 3), 4, 3));
  }

  @ParameterizedTest
  @MethodSource("discrete")
  void probabilities_sum_to_one(Discrete discrete) {
    int rows = 30;
    // Scales from e^-7 (the least) to e^12 among them.
    Tensor parameters = parameters(discrete.distribution, rows, 4);
    double[] sums =
        ENGINE.inference(
            () -> {
              Tensor total = ENGINE.full(0, rows);
              for (double[] value : values(discrete)) {
                total = total.add(probability(discrete, parameters, value, rows));
              }
              return total.toDoubles();
            });
    double[] ones = new double[rows];
    Arrays.fill(ones, 1);
    assertArrayEquals(ones, sums, 1e-9);
  }

  @ParameterizedTest
  @MethodSource("discrete")
  void draws_follow_the_probabilities(Discrete discrete) {
    int draws = 20_000;
    Distribution distribution = discrete.distribution;
    Tensor one = parameters(distribution, 1, 0.7);
    int numbers = distribution.noisePerElement();
    float[] uniforms = new float[numbers * draws];
    RandomKey.of(3).fillUniform(0, uniforms, 0, uniforms.length);
    ENGINE.inference(
        () -> {
          long[] all = one.shape();
          all[0] = draws;
          float[] drawn =
              distribution
                  .sample(one.broadcastTo(all), ENGINE.constant(uniforms, shape(draws, numbers)), 1)
                  .toFloats();
          Map<List<Double>, Integer> counts = new HashMap<>();
          for (int i = 0; i < draws; i++) {
            Double[] value = new Double[discrete.elements];
            for (int e = 0; e < value.length; e++) {
              value[e] = (double) drawn[i * value.length + e];
            }
            counts.merge(List.of(value), 1, Integer::sum);
          }
          for (double[] value : values(discrete)) {
            double p = probability(discrete, one, value, 1).item();
            int count = counts.getOrDefault(Arrays.stream(value).boxed().toList(), 0);
            assertEquals(
                p, (double) count / draws, 5 * Math.sqrt(p / draws) + 1e-3, Arrays.toString(value));
          }
          return null;
        });
  }

  @Test
  void the_first_value_above_the_uniform_number_is_drawn() {
    Tensor logits =
        ENGINE.constant(new double[] {Math.log(0.2), Math.log(0.3), Math.log(0.5)}, 1, 3);
    double[] uniforms = {0, 0.19, 0.21, 0.49, 0.51, 0.99, 1};
    double[] expected = {0, 0, 1, 1, 2, 2, 2};
    Categorical plain = new Categorical(3);
    for (Categorical way : List.of(plain, plain.forManyDraws(ENGINE))) {
      double[] chosen =
          ENGINE.inference(
              () ->
                  way.sample(logits.broadcastTo(7, 3), ENGINE.constant(uniforms, 7), 1)
                      .toDoubles());
      assertArrayEquals(expected, chosen);
    }
  }

  @Test
  void a_temperature_divides_logits() {
    // σ(2 / 4) = 0.62: what is drawn at 0.7 and at temperature 1 is not at temperature 4.
    Tensor logit = ENGINE.full(2, 1);
    Tensor uniform = ENGINE.full(0.7, 1);
    assertEquals(1, new Bernoulli().sample(logit, uniform, 1).item());
    assertEquals(0, new Bernoulli().sample(logit, uniform, 4).item());
  }

  @Test
  void gaussians_have_their_density_and_divergence() {
    double variance = 2.5;
    Gaussian gaussian = new Gaussian(ENGINE.full(Math.log(variance), 1));
    Tensor mean = ENGINE.full(0.7, 1);
    double x = -1.3;
    double density = -0.5 * (Math.log(2 * Math.PI * variance) + (x - 0.7) * (x - 0.7) / variance);
    assertEquals(density, gaussian.logProb(mean, ENGINE.full(x, 1)).item(), 1e-12);
    assertEquals(
        0.5 * (variance + 0.49 - 1 - Math.log(variance)),
        gaussian.divergenceFromStandard(mean).item(),
        1e-12);
    assertEquals(
        0.7 - 2 * Math.sqrt(4 * variance),
        gaussian.sample(mean, ENGINE.full(-2, 1), 4).item(),
        1e-12);
  }

  /** Every value of the elements. */
  private static List<double[]> values(Discrete discrete) {
    List<double[]> values = List.of(new double[0]);
    for (int e = 0; e < discrete.elements; e++) {
      values =
          values.stream()
              .flatMap(
                  begun ->
                      Stream.iterate(0, v -> v + 1)
                          .limit(discrete.levels)
                          .map(
                              v -> {
                                double[] longer = Arrays.copyOf(begun, begun.length + 1);
                                longer[begun.length] = v;
                                return longer;
                              }))
              .toList();
    }
    return values;
  }

  private static Tensor probability(
      Discrete discrete, Tensor parameters, double[] value, int rows) {
    double[] all = new double[rows * value.length];
    Arrays.setAll(all, i -> value[i % value.length]);
    Tensor x = ENGINE.constant(all, shape(rows, value.length));
    return discrete.distribution.logProb(parameters, x).exp();
  }

  private static Tensor parameters(Distribution distribution, int rows, double scale) {
    int width = distribution.parametersPerElement();
    float[] values = new float[rows * width];
    RandomKey.of(2).fillNormal(0, values, 0, values.length);
    for (int i = 0; i < values.length; i++) {
      values[i] *= (float) scale;
    }
    return ENGINE.constant(values, shape(rows, width));
  }

  /** An axis of size 1 is left out. */
  private static long[] shape(int rows, int width) {
    return width == 1 ? new long[] {rows} : new long[] {rows, width};
  }
}
