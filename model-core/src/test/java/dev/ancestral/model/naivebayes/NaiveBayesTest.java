package dev.ancestral.model.naivebayes;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.model.Batch;
import dev.ancestral.model.ClassifyingModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.SmallEvents;
import dev.ancestral.model.StatisticsContract;
import dev.ancestral.model.StatisticsFit;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.model.naivebayes.NaiveBayes.NaiveBayesFamily;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.NamedArrays;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class NaiveBayesTest {
  private static final RandomKey KEY = RandomKey.of(17);

  @Test
  void smoothed_means_by_class_and_an_unsmoothed_prior() {
    EventSpec event = EventSpec.discrete(2, 2).withClasses(3);
    Batch data =
        new Batch(
            event,
            new long[] {0, 1, 2, 3},
            new float[] {1, 0, 1, 1, 0, 1, 1, 1},
            new int[] {0, 0, 0, 1},
            null);
    NamedArrays parameters =
        StatisticsFit.of(
                define(event, Map.of("likelihood", "bernoulli", "classes", "label")), data, KEY)
            .parameters();
    assertArrayEquals(new double[] {0.75, 0.25, 0}, parameters.array("prior", 3));
    assertArrayEquals(
        new double[] {3.0 / 5, 3.0 / 5, 2.0 / 3, 2.0 / 3, 0.5, 0.5},
        parameters.array("probability", 3, 2),
        1e-15);
  }

  @Test
  void smoothed_frequencies_of_categories() {
    EventSpec event = EventSpec.discrete(3, 1);
    Batch data = Batch.of(event, new long[] {0, 1, 2, 3}, new float[] {2, 2, 0, 2});
    NamedArrays parameters =
        StatisticsFit.of(
                define(event, Map.of("likelihood", "categorical", "smoothing", 0.5)), data, KEY)
            .parameters();
    assertArrayEquals(
        new double[] {1.5 / 5.5, 0.5 / 5.5, 3.5 / 5.5},
        parameters.array("probability", 1, 3),
        1e-15);
  }

  @Test
  void mean_and_variance_of_gaussians_with_a_floor() {
    EventSpec event = EventSpec.continuous(2);
    Batch data = Batch.of(event, new long[] {0, 1, 2, 3}, new float[] {1, 7, 3, 7, 5, 7, 7, 7});
    NamedArrays parameters =
        StatisticsFit.of(define(event, Map.of("likelihood", "gaussian")), data, KEY).parameters();
    assertArrayEquals(new double[] {4, 7}, parameters.array("mean", 1, 2), 1e-15);
    assertArrayEquals(new double[] {5, 1e-12}, parameters.array("variance", 1, 2), 1e-13);
  }

  @Test
  void the_joint_sums_to_the_marginal_and_puts_the_right_class_first() {
    EventSpec event = EventSpec.discrete(3, 4).withClasses(2);
    Batch data = NaiveBayesContractTest.correlated(event, 300);
    StatisticsModel family = define(event, Map.of("likelihood", "categorical", "classes", "label"));
    try (ExactModel model = family.bind(StatisticsFit.of(family, data, KEY).parameters())) {
      double[][] joint = assertInstanceOf(ClassifyingModel.class, model).jointLogProb(data);
      double[] marginal = model.logProb(data);
      int right = 0;
      for (int i = 0; i < data.size(); i++) {
        assertEquals(marginal[i], Math.log(Math.exp(joint[i][0]) + Math.exp(joint[i][1])), 1e-12);
        right += joint[i][data.labels()[i]] > joint[i][1 - data.labels()[i]] ? 1 : 0;
      }
      assertTrue(right > 0.8 * data.size(), right + " of " + data.size() + " are right");
    }
  }

  @Test
  void impossible_events_have_log_prob_minus_infinity_never_nan() {
    StatisticsModel family =
        define(EventSpec.discrete(2, 3), Map.of("likelihood", "bernoulli", "components", 2));
    NamedArrays parameters =
        NamedArrays.empty()
            .with("prior", new double[] {0.5, 0.5}, 2)
            .with("probability", new double[] {0, 1, 0.5, 0, 0.5, 1}, 2, 3);
    try (ExactModel model = family.bind(parameters)) {
      Batch every = SmallEvents.every(model.event(), 1);
      // p(x) by hand: x_1 = 0 in both; then (x_2 = 1) · ½ of the first, ½ · (x_3 = 1) of the
      // second.
      double no = Double.NEGATIVE_INFINITY;
      double quarter = Math.log(0.25);
      assertArrayEquals(
          new double[] {no, no, quarter, no, quarter, no, Math.log(0.5), no},
          model.logProb(every),
          1e-15);
    }
    double[] statistics = new double[family.statisticsSize()];
    Batch impossible =
        Batch.of(EventSpec.discrete(2, 3), new long[] {1, 2}, new float[] {1, 1, 1, 0, 1, 1});
    family.accumulate(parameters, impossible, statistics);
    assertEquals(Double.NEGATIVE_INFINITY, family.logLikelihood(statistics).orElseThrow());
    NamedArrays next = family.maximize(statistics);
    assertArrayEquals(new double[] {0.5, 0.5}, next.array("prior", 2), 1e-15);
    for (double p : next.array("probability", 2, 3)) {
      assertTrue(p > 0 && p < 1, "from the one possible example, smoothed: " + p);
    }
  }

  @Test
  void missing_elements_are_marginalised_out() {
    for (String likelihood : List.of("bernoulli", "categorical")) {
      StatisticsModel family =
          define(
              EventSpec.discrete(2, 3),
              Map.of("likelihood", likelihood, "components", 2, "iterations", 4));
      Batch data = NaiveBayesContractTest.correlated(family.event(), 50);
      NamedArrays parameters = StatisticsFit.of(family, data, KEY).parameters();
      try (ExactModel model = family.bind(parameters)) {
        double[] every =
            Arrays.stream(model.logProb(SmallEvents.every(model.event(), 1)))
                .map(Math::exp)
                .toArray();
        Batch partial =
            Batch.of(
                model.event(),
                new long[] {0, 1},
                new float[] {1, Float.NaN, 0, Float.NaN, Float.NaN, Float.NaN});
        double[] logProb = model.logProb(partial);
        assertEquals(Math.log(every[1] + every[3]), logProb[0], 1e-12);
        assertEquals(0, logProb[1], 1e-12);
      }
    }
  }

  @Test
  void missing_elements_are_counted_nowhere() {
    float no = Float.NaN;
    EventSpec binary = EventSpec.discrete(2, 2);
    Batch bits = Batch.of(binary, new long[] {0, 1, 2}, new float[] {1, no, 0, 1, no, no});
    assertArrayEquals(
        new double[] {0.5, 1},
        fit(binary, Map.of("likelihood", "bernoulli", "smoothing", 0), bits)
            .array("probability", 1, 2));
    EventSpec real = EventSpec.continuous(2);
    Batch numbers = Batch.of(real, new long[] {0, 1, 2}, new float[] {1, no, 5, 2, no, 4});
    NamedArrays gaussian = fit(real, Map.of("likelihood", "gaussian"), numbers);
    assertArrayEquals(new double[] {3, 3}, gaussian.array("mean", 1, 2), 1e-15);
    assertArrayEquals(new double[] {4, 1}, gaussian.array("variance", 1, 2), 1e-14);
  }

  @Test
  void the_likelihood_of_em_never_falls() {
    for (String likelihood : List.of("bernoulli", "categorical", "gaussian")) {
      EventSpec event =
          likelihood.equals("gaussian")
              ? EventSpec.continuous(3)
              : EventSpec.discrete(likelihood.equals("bernoulli") ? 2 : 4, 6);
      Map<String, Object> settings =
          Map.of("likelihood", likelihood, "components", 4, "iterations", 40, "smoothing", 0);
      Batch whole = NaiveBayesContractTest.correlated(event, 200);
      for (Batch data : List.of(whole, StatisticsContract.withGaps(whole))) {
        List<Double> path = StatisticsFit.of(define(event, settings), data, KEY).logLikelihoods();
        assertEquals(40, path.size());
        for (int i = 1; i < path.size(); i++) {
          assertTrue(path.get(i) >= path.get(i - 1) - 1e-9 * Math.abs(path.get(i)), path::toString);
        }
        assertTrue(path.get(39) > path.get(0) + 1, path::toString);
      }
    }
  }

  @Test
  void one_step_of_em_against_the_formulas() {
    EventSpec event = EventSpec.discrete(2, 2);
    StatisticsModel family =
        define(event, Map.of("likelihood", "bernoulli", "components", 2, "smoothing", 0.3));
    double[] prior = {0.3, 0.7};
    double[][] p = {{0.2, 0.9}, {0.6, 0.4}};
    Batch data = Batch.of(event, new long[] {3, 4, 5}, new float[] {1, 1, 0, 1, 0, 0});
    double[] weight = new double[2];
    double[][] ones = new double[2][2];
    double logLikelihood = 0;
    for (int i = 0; i < 3; i++) {
      double[] joint = new double[2];
      for (int c = 0; c < 2; c++) {
        joint[c] = prior[c];
        for (int d = 0; d < 2; d++) {
          joint[c] *= data.values()[2 * i + d] == 1 ? p[c][d] : 1 - p[c][d];
        }
      }
      logLikelihood += Math.log(joint[0] + joint[1]);
      for (int c = 0; c < 2; c++) {
        double posterior = joint[c] / (joint[0] + joint[1]);
        weight[c] += posterior;
        for (int d = 0; d < 2; d++) {
          ones[c][d] += posterior * data.values()[2 * i + d];
        }
      }
    }
    double[] statistics = new double[family.statisticsSize()];
    family.accumulate(
        NamedArrays.empty()
            .with("prior", prior, 2)
            .with("probability", new double[] {0.2, 0.9, 0.6, 0.4}, 2, 2),
        data,
        statistics);
    NamedArrays next = family.maximize(statistics);
    assertEquals(logLikelihood, family.logLikelihood(statistics).orElseThrow(), 1e-14);
    for (int c = 0; c < 2; c++) {
      assertEquals(weight[c] / 3, next.array("prior", 2)[c], 1e-14);
      for (int d = 0; d < 2; d++) {
        assertEquals(
            (ones[c][d] + 0.3) / (weight[c] + 0.6),
            next.array("probability", 2, 2)[2 * c + d],
            1e-14);
      }
    }
  }

  @Test
  void em_finds_separated_clusters_from_its_exemplars() {
    EventSpec event = EventSpec.continuous(2);
    float[] values = new float[2 * 600];
    for (int i = 0; i < 600; i++) {
      KEY.fold(i).fillNormal(0, values, 2 * i, 2);
      values[2 * i] += i % 3 == 0 ? -20 : i % 3 == 1 ? 0 : 20;
      values[2 * i + 1] += i % 3 == 1 ? 1000 : 0;
    }
    Batch data = Batch.of(event, LongStream.range(0, 600).toArray(), values);
    StatisticsModel family =
        define(
            event,
            Map.of("likelihood", "gaussian", "components", 3, "iterations", 60, "restarts", 5));
    StatisticsFit best = null;
    for (int restart = 0; restart < family.restarts(); restart++) {
      StatisticsFit fit = StatisticsFit.of(family, data, KEY.fold(restart));
      if (best == null || last(fit) > last(best)) {
        best = fit;
      }
    }
    double[] mean = best.parameters().array("mean", 3, 2);
    double[] first = {mean[0], mean[2], mean[4]};
    Arrays.sort(first);
    assertArrayEquals(new double[] {-20, 0, 20}, first, 0.3);
    assertArrayEquals(
        new double[] {1 / 3.0, 1 / 3.0, 1 / 3.0}, best.parameters().array("prior", 3), 0.01);
  }

  private static double last(StatisticsFit fit) {
    return fit.logLikelihoods().get(fit.logLikelihoods().size() - 1);
  }

  @Test
  void draws_of_a_label_are_of_that_label() {
    EventSpec event = EventSpec.discrete(2, 2).withClasses(2);
    StatisticsModel family = define(event, Map.of("likelihood", "bernoulli", "classes", "label"));
    NamedArrays parameters =
        NamedArrays.empty()
            .with("prior", new double[] {1, 0}, 2)
            .with("probability", new double[] {0, 0, 1, 1}, 2, 2);
    try (ExactModel model = family.bind(parameters)) {
      Batch asked = model.sample(new long[] {1, 2, 3}, KEY, request(OptionalInt.of(1), 1));
      assertArrayEquals(new float[] {1, 1, 1, 1, 1, 1}, asked.values());
      assertArrayEquals(new int[] {1, 1, 1}, asked.labels());
      Batch free = model.sample(new long[] {1, 2, 3}, KEY, request(OptionalInt.empty(), 1));
      assertArrayEquals(new int[] {0, 0, 0}, free.labels());
      AncestralException refusal =
          assertThrows(
              AncestralException.class,
              () -> model.sample(new long[] {1}, KEY, request(OptionalInt.of(2), 1)));
      assertEquals("label 2 is asked for; this model has labels 0 to 1", refusal.getMessage());
    }
  }

  @Test
  void temperature_divides_the_logits() {
    EventSpec event = EventSpec.discrete(3, 1);
    StatisticsModel family = define(event, Map.of("likelihood", "categorical"));
    NamedArrays parameters =
        NamedArrays.empty()
            .with("prior", new double[] {1}, 1)
            .with("probability", new double[] {0.6, 0.4, 0}, 1, 1, 3);
    try (ExactModel model = family.bind(parameters)) {
      long[] ids = LongStream.range(0, 20_000).toArray();
      // p_T(0) / p_T(1) = (0.6 / 0.4)^(1/T)
      for (double temperature : new double[] {0.5, 1, 3}) {
        float[] drawn = model.sample(ids, KEY, request(OptionalInt.empty(), temperature)).values();
        double zeros = 0;
        for (float value : drawn) {
          assertTrue(value < 2, "an impossible level was drawn");
          zeros += value == 0 ? 1.0 / drawn.length : 0;
        }
        double odds = Math.pow(1.5, 1 / temperature);
        assertEquals(odds / (1 + odds), zeros, 0.02);
      }
      float[] cold = model.sample(ids, KEY, request(OptionalInt.empty(), 1e-4)).values();
      assertArrayEquals(new float[ids.length], cold);
    }
  }

  @Test
  void settings_that_are_wrong_are_all_reported() {
    Settings settings =
        Settings.of(
            Map.of("likelihood", "poisson", "classes", "label", "components", 3, "alpha", 1));
    new NaiveBayesFamily().define(settings, EventSpec.discrete(2, 2).withClasses(4));
    List<String> problems = settings.problems();
    assertEquals(3, problems.size(), problems::toString);
    assertTrue(problems.get(0).contains("likelihood is poisson; it must be one of bernoulli, cat"));
    assertTrue(problems.get(1).contains("components is 3; it must be 1 where classes is label"));
    assertTrue(problems.get(2).contains("alpha is not a known key"));
  }

  @Test
  void events_that_do_not_suit_are_refused() {
    EventSpec sequence =
        new EventSpec(List.of(1), new EventSpec.Discrete(2), true, 0, List.of(), 0);
    assertMismatch(EventSpec.discrete(256, 2), Map.of("likelihood", "bernoulli"), "256 levels");
    assertMismatch(EventSpec.continuous(2), Map.of("likelihood", "categorical"), "gaussian");
    assertMismatch(EventSpec.discrete(4, 2), Map.of("likelihood", "gaussian"), "dequantize");
    assertMismatch(sequence, Map.of("likelihood", "bernoulli"), "choose hmm");
    assertMismatch(
        EventSpec.discrete(2, 2),
        Map.of("likelihood", "bernoulli", "classes", "label"),
        "prepare them with labels");
  }

  @Test
  void nothing_to_learn_from_is_refused() {
    StatisticsModel family = define(EventSpec.discrete(2, 2), Map.of("likelihood", "bernoulli"));
    AncestralException refusal =
        assertThrows(
            AncestralException.class, () -> family.maximize(new double[family.statisticsSize()]));
    assertEquals(ErrorCode.DATA, refusal.code());
  }

  @Test
  void a_value_outside_of_the_event_is_an_error() {
    StatisticsModel family = define(EventSpec.discrete(2, 2), Map.of("likelihood", "bernoulli"));
    Batch wrong = Batch.of(family.event(), new long[] {0}, new float[] {1, 0.5f});
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                family.accumulate(family.initial(KEY), wrong, new double[family.statisticsSize()]));
    assertFalse(error.getMessage().isEmpty());
    assertTrue(error.getMessage().contains("0.5"), error.getMessage());
  }

  private static void assertMismatch(
      EventSpec event, Map<String, Object> settings, String message) {
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> define(event, settings));
    assertEquals(ErrorCode.MISMATCH, refusal.code());
    assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
  }

  private static NamedArrays fit(EventSpec event, Map<String, Object> settings, Batch data) {
    return StatisticsFit.of(define(event, settings), data, KEY).parameters();
  }

  private static StatisticsModel define(EventSpec event, Map<String, Object> settings) {
    return (StatisticsModel) new NaiveBayesFamily().define(Settings.of(settings), event);
  }

  private static SampleRequest request(OptionalInt label, double temperature) {
    return new SampleRequest(label, OptionalInt.empty(), temperature);
  }
}
