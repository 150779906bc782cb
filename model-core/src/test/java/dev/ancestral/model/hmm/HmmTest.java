package dev.ancestral.model.hmm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.distribution.statistics.Emission;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EndedSequences;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.HiddenStateModel;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.SmallEvents;
import dev.ancestral.model.StatisticsContract;
import dev.ancestral.model.StatisticsFit;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.model.hmm.BoundHmm.Chain;
import dev.ancestral.model.hmm.ForwardBackward.LogSpace;
import dev.ancestral.model.hmm.Hmm.HmmFamily;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.NamedArrays;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class HmmTest {
  private static final RandomKey KEY = RandomKey.of(13);
  private static final float NO = Float.NaN;
  private static final EventSpec BITS = HmmContractTest.discrete(2, 2);

  /** Three states, two binary elements, no two numbers alike. */
  private static final NamedArrays PARAMETERS =
      NamedArrays.empty()
          .with("initial", new double[] {0.5, 0.3, 0.2}, 3)
          .with("transition", new double[] {0.7, 0.2, 0.1, 0.25, 0.6, 0.15, 0.35, 0.05, 0.6}, 3, 3)
          .with("probability", new double[] {0.1, 0.8, 0.45, 0.3, 0.9, 0.65}, 3, 2);

  private static final Batch SEQUENCES =
      new Batch(
          BITS,
          new long[] {0, 1, 2},
          new float[] {
            1, 0, 1, 1, 0, 0, 0, 1, 1, 1, //
            0, 0, 1, 0, 0, 0, 0, 0, 0, 0, //
            1, NO, NO, NO, 0, 1, 1, 0, 0, 0
          },
          null,
          new int[] {5, 2, 4});

  private static BruteForce bruteForce(NamedArrays parameters, int i) {
    double[] p = parameters.array("probability", 3, 2);
    return new BruteForce(
        parameters,
        3,
        SEQUENCES.lengths()[i],
        (t, k) -> {
          double product = 1;
          for (int d = 0; d < 2; d++) {
            float x = SEQUENCES.values()[(i * 5 + t) * 2 + d];
            product *= Float.isNaN(x) ? 1 : x == 1 ? p[k * 2 + d] : 1 - p[k * 2 + d];
          }
          return product;
        });
  }

  @Test
  void likelihood_posteriors_and_paths_against_all_paths() {
    try (ExactModel model = bits(Map.of()).bind(PARAMETERS)) {
      HiddenStateModel states = assertInstanceOf(HiddenStateModel.class, model);
      double[] logProb = model.logProb(SEQUENCES);
      double[][] posteriors = states.posteriors(SEQUENCES);
      List<HiddenStateModel.Path> paths = states.mostProbablePaths(SEQUENCES);
      for (int i = 0; i < 3; i++) {
        BruteForce exact = bruteForce(PARAMETERS, i);
        assertEquals(Math.log(exact.total), logProb[i], 1e-13);
        assertArrayEquals(exact.bestPath, paths.get(i).states());
        assertEquals(Math.log(exact.bestWeight), paths.get(i).logProb(), 1e-13);
        for (int t = 0; t < SEQUENCES.lengths()[i]; t++) {
          assertArrayEquals(
              exact.posterior[t], Arrays.copyOfRange(posteriors[i], t * 3, (t + 1) * 3), 1e-13);
        }
      }
    }
  }

  @Test
  void one_step_of_em_against_all_paths() {
    double alpha = 0.2;
    StatisticsModel family = bits(Map.of("smoothing", alpha));
    double[] statistics = new double[family.statisticsSize()];
    family.accumulate(PARAMETERS, SEQUENCES, statistics);
    NamedArrays next = family.maximize(statistics);
    double[] beginnings = new double[3];
    double[][] transitions = new double[3][3];
    double[][] ones = new double[3][2];
    double[][] seen = new double[3][2];
    double logLikelihood = 0;
    for (int i = 0; i < 3; i++) {
      BruteForce exact = bruteForce(PARAMETERS, i);
      logLikelihood += Math.log(exact.total);
      for (int k = 0; k < 3; k++) {
        beginnings[k] += exact.posterior[0][k];
        for (int j = 0; j < 3; j++) {
          transitions[k][j] += exact.transitions[k][j];
        }
        for (int t = 0; t < exact.steps; t++) {
          for (int d = 0; d < 2; d++) {
            float x = SEQUENCES.values()[(i * 5 + t) * 2 + d];
            seen[k][d] += Float.isNaN(x) ? 0 : exact.posterior[t][k];
            ones[k][d] += x == 1 ? exact.posterior[t][k] : 0;
          }
        }
      }
    }
    assertEquals(logLikelihood, family.logLikelihood(statistics).orElseThrow(), 1e-13);
    for (int k = 0; k < 3; k++) {
      assertEquals((beginnings[k] + alpha) / (3 + 3 * alpha), next.array("initial", 3)[k], 1e-13);
      double leaving = Arrays.stream(transitions[k]).sum() + 3 * alpha;
      for (int j = 0; j < 3; j++) {
        assertEquals(
            (transitions[k][j] + alpha) / leaving,
            next.array("transition", 3, 3)[3 * k + j],
            1e-13);
      }
      for (int d = 0; d < 2; d++) {
        assertEquals(
            (ones[k][d] + alpha) / (seen[k][d] + 2 * alpha),
            next.array("probability", 3, 2)[2 * k + d],
            1e-13);
      }
    }
  }

  @Test
  void the_likelihood_of_em_never_falls() {
    for (String emissions : List.of("bernoulli", "categorical", "gaussian")) {
      EventSpec event =
          emissions.equals("gaussian")
              ? HmmContractTest.sequences(new EventSpec.Continuous(), 2)
              : HmmContractTest.discrete(emissions.equals("bernoulli") ? 2 : 3, 3);
      StatisticsModel family =
          define(
              event, Map.of("states", 3, "emissions", emissions, "iterations", 40, "smoothing", 0));
      Batch whole = HmmContractTest.sticky(event, 60);
      for (Batch data : List.of(whole, StatisticsContract.withGaps(whole))) {
        List<Double> path = StatisticsFit.of(family, data, KEY).logLikelihoods();
        assertEquals(40, path.size());
        for (int i = 1; i < path.size(); i++) {
          assertTrue(path.get(i) >= path.get(i - 1) - 1e-9 * Math.abs(path.get(i)), path::toString);
        }
        assertTrue(path.get(39) > path.get(0) + 1, path::toString);
      }
    }
  }

  @Test
  void em_recovers_a_sticky_chain() {
    EventSpec event = HmmContractTest.sequences(new EventSpec.Continuous(), 1);
    StatisticsModel family =
        define(event, Map.of("states", 2, "emissions", "gaussian", "iterations", 50));
    NamedArrays truth =
        NamedArrays.empty()
            .with("initial", new double[] {1, 0}, 2)
            .with("transition", new double[] {0.9, 0.1, 0.3, 0.7}, 2, 2)
            .with("mean", new double[] {-2, 3}, 2, 1)
            .with("variance", new double[] {1, 0.25}, 2, 1);
    Batch drawn;
    try (ExactModel model = family.bind(truth)) {
      drawn = model.sample(ids(40), KEY, length(100));
    }
    NamedArrays fitted = StatisticsFit.of(family, drawn, KEY).parameters();
    int low = fitted.array("mean", 2, 1)[0] < 0 ? 0 : 1;
    double[] mean = fitted.array("mean", 2, 1);
    double[] transition = fitted.array("transition", 2, 2);
    assertEquals(-2, mean[low], 0.1);
    assertEquals(3, mean[1 - low], 0.1);
    assertEquals(0.9, transition[3 * low], 0.03);
    assertEquals(0.7, transition[3 - 3 * low], 0.06);
    assertEquals(1, fitted.array("initial", 2)[low], 0.02);
  }

  @Test
  void structural_zeros_are_kept_and_forbidden() {
    EventSpec event = HmmContractTest.discrete(2, 1);
    StatisticsModel family =
        define(event, Map.of("states", 2, "emissions", "bernoulli", "smoothing", 0));
    // 0, 0, ..., then 1 for ever.
    NamedArrays parameters =
        NamedArrays.empty()
            .with("initial", new double[] {1, 0}, 2)
            .with("transition", new double[] {0.5, 0.5, 0, 1}, 2, 2)
            .with("probability", new double[] {0, 1}, 2, 1);
    Batch every = SmallEvents.every(event, 3);
    try (ExactModel model = family.bind(parameters)) {
      double no = Double.NEGATIVE_INFINITY;
      double[] expected = new double[8];
      Arrays.fill(expected, no);
      expected[0b000] = Math.log(0.25);
      expected[0b100] = Math.log(0.25);
      expected[0b110] = Math.log(0.5);
      assertArrayEquals(expected, model.logProb(every), 1e-15);
      List<HiddenStateModel.Path> paths = ((HiddenStateModel) model).mostProbablePaths(every);
      assertArrayEquals(new int[] {0, 0, 1}, paths.get(0b100).states());
      assertEquals(Math.log(0.25), paths.get(0b100).logProb(), 1e-15);
      assertArrayEquals(new int[0], paths.get(0b010).states());
      assertEquals(no, paths.get(0b010).logProb());
    }
    double[] statistics = new double[family.statisticsSize()];
    family.accumulate(parameters, every.slice(6, 7), statistics);
    NamedArrays next = family.maximize(statistics);
    assertArrayEquals(new double[] {1, 0}, next.array("initial", 2));
    assertEquals(0, next.array("transition", 2, 2)[2]);
    assertArrayEquals(new double[] {0, 1}, next.array("probability", 2, 1));
  }

  @Test
  void parameters_that_the_topology_forbids_are_refused() {
    StatisticsModel family = bits(Map.of("states", 2, "topology", "left-right"));
    NamedArrays emission =
        NamedArrays.empty().with("probability", new double[] {0.1, 0.2, 0.3, 0.4}, 2, 2);
    double[] begins = {1, 0};
    double[] allowed = {0.5, 0.5, 0, 1};
    NamedArrays fine = emission.with("initial", begins, 2).with("transition", allowed, 2, 2);
    family.bind(fine).close();
    AncestralException back =
        assertThrows(
            AncestralException.class,
            () -> family.bind(fine.with("transition", new double[] {0.5, 0.5, 0.25, 0.75}, 2, 2)));
    assertEquals(ErrorCode.MISMATCH, back.code());
    assertEquals(
        "parameter 'transition' has 0.25 from state 1 to state 0, which the topology forbids; it"
            + " must be 0",
        back.getMessage());
    AncestralException begin =
        assertThrows(
            AncestralException.class,
            () -> family.bind(fine.with("initial", new double[] {0.5, 0.5}, 2)));
    assertTrue(begin.getMessage().startsWith("parameter 'initial' has 0.5 for state 1"));
  }

  @Test
  void left_right_chains_never_go_back() {
    EventSpec event = HmmContractTest.discrete(3, 1);
    StatisticsModel family =
        define(
            event,
            Map.of(
                "states",
                3,
                "emissions",
                "categorical",
                "iterations",
                10,
                "topology",
                "left-right"));
    NamedArrays parameters =
        StatisticsFit.of(family, HmmContractTest.sticky(event, 30), KEY).parameters();
    assertArrayEquals(new double[] {1, 0, 0}, parameters.array("initial", 3));
    double[] transition = parameters.array("transition", 3, 3);
    for (int zero : new int[] {2, 3, 6, 7}) {
      assertEquals(0, transition[zero]);
    }
    assertEquals(1, transition[8]);
  }

  @Test
  void improbable_sequences_are_done_in_logarithms() {
    // The second state takes over, at first with weight e^-800 against the first.
    EventSpec event = HmmContractTest.sequences(new EventSpec.Continuous(), 1);
    StatisticsModel family = define(event, Map.of("states", 2, "emissions", "gaussian"));
    NamedArrays parameters =
        NamedArrays.empty()
            .with("initial", new double[] {0.5, 0.5}, 2)
            .with("transition", new double[] {1, 0, 0, 1}, 2, 2)
            .with("mean", new double[] {0, 40}, 2, 1)
            .with("variance", new double[] {1, 1}, 2, 1);
    Batch x = new Batch(event, new long[] {0}, new float[] {0, 0, 40, 40, 40}, null, new int[] {5});
    double constant = 5 * -0.5 * Math.log(2 * Math.PI);
    try (ExactModel model = family.bind(parameters)) {
      // Only the paths 00000 and 11111 exist: squares 3 · 1600 and 2 · 1600.
      assertEquals(constant + Math.log(0.5) - 1600, model.logProb(x)[0], 1e-9);
      double[] posteriors = ((HiddenStateModel) model).posteriors(x)[0];
      assertArrayEquals(new double[] {0, 1, 0, 1, 0, 1, 0, 1, 0, 1}, posteriors, 1e-12);
    }
    double[] statistics = new double[family.statisticsSize()];
    family.accumulate(parameters, x, statistics);
    assertEquals(
        constant + Math.log(0.5) - 1600, family.logLikelihood(statistics).orElseThrow(), 1e-9);
    NamedArrays next = family.maximize(statistics);
    assertEquals(24, next.array("mean", 2, 1)[1], 1e-9);
  }

  @Test
  void scaling_agrees_with_logarithms_over_many_blocks() {
    StatisticsModel family = bits(Map.of());
    int steps = 2500;
    Batch x;
    try (ExactModel model = family.bind(PARAMETERS)) {
      x = model.sample(new long[] {3}, KEY, length(steps));
      Chain chain =
          Chain.of(
              PARAMETERS,
              Emission.named(
                  "bernoulli",
                  new Emission.Elements(BITS.size(), BITS.levels(), BITS.describe()),
                  3,
                  0));
      LogSpace exact = new LogSpace(chain, x.values(), 0, steps);
      double[][] transitions = new double[3][3];
      double[][] posteriors = exact.posteriors(transitions);
      assertEquals(exact.logProb(), model.logProb(x)[0], 1e-8);
      double[] scaled = ((HiddenStateModel) model).posteriors(x)[0];
      for (int t = 0; t < steps; t++) {
        assertArrayEquals(
            posteriors[t], Arrays.copyOfRange(scaled, 3 * t, 3 * t + 3), 1e-10, "step " + t);
      }
      double[][] scaledTransitions = new double[3][3];
      new ForwardBackward(chain, steps)
          .expectations(x.values(), 0, steps, scaledTransitions, (first, rows, block) -> {});
      for (int i = 0; i < 3; i++) {
        assertArrayEquals(transitions[i], scaledTransitions[i], 1e-6);
      }
    }
  }

  @Test
  void a_longer_draw_begins_like_a_shorter_one() {
    try (ExactModel model = bits(Map.of()).bind(PARAMETERS)) {
      Batch four = model.sample(ids(3), KEY, length(4));
      Batch nine = model.sample(ids(3), KEY, length(9));
      assertArrayEquals(new int[] {9, 9, 9}, nine.lengths());
      for (int i = 0; i < 3; i++) {
        assertArrayEquals(
            Arrays.copyOfRange(four.values(), i * 8, i * 8 + 8),
            Arrays.copyOfRange(nine.values(), i * 18, i * 18 + 8));
      }
    }
  }

  @Test
  void requests_that_do_not_suit_are_refused() {
    try (ExactModel model = bits(Map.of()).bind(PARAMETERS)) {
      assertRefused(model, SampleRequest.plain(), "no length is given");
      assertRefused(model, length(0), "length 0 is asked for; it must be at least 1");
      assertRefused(
          model,
          new SampleRequest(OptionalInt.of(1), OptionalInt.of(3), 1),
          "a label is asked for");
    }
  }

  @Test
  void categorical_parameters_have_two_axes_where_a_step_is_one_element() {
    StatisticsModel family =
        define(HmmContractTest.discrete(3, 1), Map.of("states", 2, "emissions", "categorical"));
    NamedArrays parameters =
        NamedArrays.empty()
            .with("initial", new double[] {0.5, 0.5}, 2)
            .with("transition", new double[] {0.5, 0.5, 0.5, 0.5}, 2, 2)
            .with("probability", new double[] {1, 0, 0, 0, 0.5, 0.5}, 2, 3);
    try (ExactModel model = family.bind(parameters)) {
      double[] logProb = model.logProb(SmallEvents.every(model.event(), 1));
      assertArrayEquals(
          new double[] {Math.log(0.5), Math.log(0.25), Math.log(0.25)}, logProb, 1e-15);
    }
    double[] statistics = new double[family.statisticsSize()];
    family.accumulate(parameters, SmallEvents.every(family.event(), 1), statistics);
    assertEquals(List.of(2, 3), family.maximize(statistics).byName().get("probability").shape());
  }

  @Test
  void settings_and_events_that_are_wrong_are_refused() {
    Settings settings = Settings.of(Map.of("states", 0, "topology", "ring", "state", 3));
    new HmmFamily().define(settings, BITS);
    assertEquals(4, settings.problems().size(), () -> settings.problems().toString());
    AncestralException refusal =
        assertThrows(
            AncestralException.class,
            () -> define(EventSpec.discrete(2, 3), Map.of("states", 2, "emissions", "bernoulli")));
    assertEquals(ErrorCode.MISMATCH, refusal.code());
    assertTrue(refusal.getMessage().contains("choose naive-bayes"), refusal.getMessage());
  }

  @Test
  void nothing_to_learn_from_is_refused() {
    StatisticsModel family = bits(Map.of());
    AncestralException refusal =
        assertThrows(
            AncestralException.class, () -> family.maximize(new double[family.statisticsSize()]));
    assertEquals(ErrorCode.DATA, refusal.code());
  }

  private static void assertRefused(ExactModel model, SampleRequest request, String message) {
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> model.sample(ids(1), KEY, request));
    assertEquals(ErrorCode.SPEC, refusal.code());
    assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
  }

  private static long[] ids(int count) {
    long[] ids = new long[count];
    for (int i = 0; i < count; i++) {
      ids[i] = i;
    }
    return ids;
  }

  private static SampleRequest length(int steps) {
    return new SampleRequest(OptionalInt.empty(), OptionalInt.of(steps), 1);
  }

  private static StatisticsModel bits(Map<String, Object> more) {
    Map<String, Object> settings =
        new LinkedHashMap<>(Map.of("states", 3, "emissions", "bernoulli"));
    settings.putAll(more);
    return define(BITS, settings);
  }

  private static StatisticsModel define(EventSpec event, Map<String, Object> settings) {
    return (StatisticsModel) new HmmFamily().define(Settings.of(settings), event);
  }

  private static final NamedArrays WITH_ENDS =
      NamedArrays.empty()
          .with("initial", new double[] {0.6, 0.4}, 2)
          .with("transition", new double[] {0.8, 0.2, 0.35, 0.65}, 2, 2)
          .with("probability", new double[] {0.6, 0.1, 0.3, 0.2, 0.45, 0.35}, 2, 3);

  private static StatisticsModel withEnds(Map<String, Object> settings) {
    Map<String, Object> all = new LinkedHashMap<>(Map.of("states", 2, "emissions", "categorical"));
    all.putAll(settings);
    return (StatisticsModel) new HmmFamily().define(Settings.of(all), EndedSequences.twoSymbols());
  }

  @Test
  void a_learned_end_makes_it_a_distribution_over_sequences_of_any_length() {
    StatisticsModel hmm = withEnds(Map.of());
    assertEquals("log p(x)", hmm.condition().notation());
    try (ExactModel model = hmm.bind(WITH_ENDS)) {
      EndedSequences.assertSumsToOne(model, 14, 1e-12);
      EndedSequences.assertDrawsEnd(model);
      EndedSequences.assertBoundCutsOff(model);
      EndedSequences.assertCompanyDoesNotMatter(model);
    }
  }

  /**
   * EM finds the chain that the draws are from: no parameter is learned from steps after an end.
   */
  @Test
  void a_learned_end_is_fitted_with_the_rest() {
    StatisticsModel hmm = withEnds(Map.of("iterations", 400, "smoothing", 0));
    Batch drawn;
    double truth;
    try (ExactModel model = hmm.bind(WITH_ENDS)) {
      drawn = model.sample(LongStream.range(0, 4000).toArray(), KEY, SampleRequest.plain());
      truth = Arrays.stream(model.logProb(drawn)).sum();
    }
    StatisticsFit fit = StatisticsFit.of(hmm, drawn, KEY);
    try (ExactModel model = hmm.bind(fit.parameters())) {
      // Twice the gain of fitting is chi-squared with as many degrees of freedom as parameters: 7.
      double gain = Arrays.stream(model.logProb(drawn)).sum() - truth;
      assertTrue(gain > -2 && gain < 15, "gain " + gain);
    }
  }

  @Test
  void gaussians_have_no_learned_end() {
    Settings settings = Settings.of(Map.of("states", 2, "emissions", "gaussian"));
    AncestralException refusal =
        assertThrows(
            AncestralException.class,
            () -> new HmmFamily().define(settings, EndedSequences.twoSymbols()));
    assertEquals(ErrorCode.MISMATCH, refusal.code());
  }
}
