package dev.ancestral.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.config.Settings;
import dev.ancestral.likelihood.Moments;
import dev.ancestral.model.dequantization.Dequantization;
import dev.ancestral.model.dequantization.ModelledEvent;
import dev.ancestral.model.network.NetworkInputs;
import dev.ancestral.model.network.NetworkModel;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.NamedArrays;
import dev.ancestral.tensor.TensorMap;
import dev.ancestral.tensor.torch.TorchEngine;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.LongStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The event that is fitted is the event that is scored and drawn, for every family and every way
 * from stored examples to modelled ones.
 *
 * <p>Families that learn from statistics are fitted to draws of a model of the same family whose
 * parameters are known, scored on others of its draws, sampled, and fitted again to the samples. A
 * density that is fitted to raw levels and scored in [0, 1) is nats away in each of these.
 */
final class ModelledEventContractTest {
  private static final int EXAMPLES = 1500;
  private static final int SIZE = 3;
  private static final int STEPS = 6;
  private static final int LEVELS = 64; // Cells far narrower than the spread.
  private static final RandomKey KEY = RandomKey.of(20);

  /** What a fit is tried with. */
  private record Case(String family, Map<String, Object> settings, int states, ModelledEvent way) {
    StatisticsModel definition() {
      return (StatisticsModel) Families.define(family, Settings.of(settings), way.event());
    }

    GenerativeModel model(NamedArrays parameters) {
      return way.model(definition().bind(parameters));
    }
  }

  @ParameterizedTest(name = "{0} {1}, {2} states, {3}, missing {4}, labels {5}")
  @CsvSource({
    "naive-bayes, bernoulli, 1, none, false, false",
    "naive-bayes, bernoulli, 1, none, true, false",
    "naive-bayes, bernoulli, 2, none, false, true",
    "naive-bayes, categorical, 1, none, false, false",
    "naive-bayes, categorical, 2, none, true, true",
    "naive-bayes, categorical, 2, none, false, false",
    "naive-bayes, gaussian, 1, none, false, false",
    "naive-bayes, gaussian, 2, none, true, true",
    "naive-bayes, gaussian, 2, none, true, false",
    "naive-bayes, gaussian, 1, uniform, false, false",
    "naive-bayes, gaussian, 1, uniform, true, false",
    "naive-bayes, gaussian, 2, uniform, false, true",
    "naive-bayes, gaussian, 2, uniform, true, true",
    "naive-bayes, gaussian, 2, uniform, false, false",
    "naive-bayes, gaussian, 2, uniform, true, false",
    "tree, bernoulli, 1, none, false, false",
    "tree, bernoulli, 1, none, true, false",
    "tree, bernoulli, 2, none, true, false",
    "tree, categorical, 1, none, false, false",
    "tree, categorical, 2, none, false, false",
    "hmm, bernoulli, 2, none, true, false",
    "hmm, categorical, 2, none, false, false",
    "hmm, gaussian, 2, none, false, false",
    "hmm, gaussian, 2, none, true, false",
    "hmm, gaussian, 2, uniform, false, false",
    "hmm, gaussian, 2, uniform, true, false",
  })
  void what_is_fitted_is_scored_and_drawn(
      String family,
      String likelihood,
      int states,
      String dequantize,
      boolean missing,
      boolean labelled) {
    Case each = theCase(family, likelihood, states, dequantize, missing, labelled);
    NamedArrays truth = parameters(each, likelihood);
    Batch train = drawn(each, truth, 0);
    NamedArrays fitted = fitted(each, train);
    Batch heldOut = drawn(each, truth, 1);
    Batch samples = drawn(each, fitted, 2);
    assertEquals(each.way().stored().withMissing(missing), samples.event());

    // Fit and score: the fit is as good on new draws as the truth, to what it learned.
    double learned = 2.0 * free(fitted) / EXAMPLES;
    assertNear(0, difference(each, fitted, truth, heldOut), learned);
    // Score and draw: held-out examples and samples are equally probable.
    Moments ofHeldOut = Moments.of(scores(each, fitted, heldOut));
    Moments ofSamples = Moments.of(scores(each, fitted, samples));
    double error = Math.hypot(ofHeldOut.standardError(), ofSamples.standardError());
    assertEquals(ofHeldOut.mean(), ofSamples.mean(), 4.5 * error + learned);
    // Draw and fit again: the same distribution.
    NamedArrays again = fitted(each, samples);
    assertNear(0, difference(each, again, fitted, drawn(each, fitted, 3)), learned);

    assertHasWhatItsFamilyHas(each, fitted, heldOut);
    if (each.way().dequantized()) {
      assertForgottenDequantizationIsRefused(each, train, fitted);
    }
  }

  /** Classes and hidden states are there whichever way examples take. */
  private static void assertHasWhatItsFamilyHas(Case each, NamedArrays fitted, Batch heldOut) {
    try (GenerativeModel model = each.model(fitted)) {
      if (each.family().equals("hmm")) {
        HiddenStateModel states = (HiddenStateModel) model;
        assertEquals(heldOut.size(), states.mostProbablePaths(heldOut).size());
        double[] posterior = states.posteriors(heldOut)[0];
        assertEquals(STEPS, Arrays.stream(posterior).sum(), 1e-9);
      }
      if (each.way().stored().hasLabels()) {
        double[][] joint = ((ClassifyingModel) model).jointLogProb(heldOut);
        double[] nats = scores(each, fitted, heldOut);
        Moments differences = new Moments();
        int correct = 0;
        for (int i = 0; i < joint.length; i++) {
          LogSum sum = new LogSum();
          Arrays.stream(joint[i]).forEach(sum::add);
          differences.add(sum.value() - nats[i]);
          correct += (joint[i][0] > joint[i][1] ? 0 : 1) == heldOut.labels()[i] ? 1 : 0;
        }
        // Two draws of the noise, if any, have the same mean.
        assertNear(0, differences, 1e-9);
        assertTrue(correct > 0.8 * heldOut.size(), correct + " of " + heldOut.size());
      }
    }
  }

  private static void assertForgottenDequantizationIsRefused(
      Case each, Batch stored, NamedArrays fitted) {
    StatisticsModel definition = each.definition();
    double[] statistics = new double[definition.statisticsSize()];
    assertThrows(
        IllegalArgumentException.class, () -> definition.accumulate(fitted, stored, statistics));
    try (ExactModel density = definition.bind(fitted)) {
      assertThrows(IllegalArgumentException.class, () -> density.logProb(stored));
    }
    Batch seen = each.way().apply(stored, KEY);
    assertThrows(IllegalArgumentException.class, () -> each.way().apply(seen, KEY));
  }

  private static Case theCase(
      String family,
      String likelihood,
      int states,
      String dequantize,
      boolean missing,
      boolean labelled) {
    EventSpec.Elements elements =
        likelihood.equals("gaussian") && dequantize.equals("none")
            ? new EventSpec.Continuous()
            : new EventSpec.Discrete(
                switch (likelihood) {
                  case "bernoulli" -> 2;
                  case "categorical" -> 5;
                  default -> LEVELS;
                });
    EventSpec stored =
        new EventSpec(
            List.of(SIZE),
            elements,
            family.equals("hmm"),
            labelled ? states : 0,
            List.of(),
            0,
            missing);
    Map<String, Object> settings =
        family.equals("hmm")
            ? Map.of("states", states, "emissions", likelihood, "iterations", 25, "smoothing", 0)
            : family.equals("tree")
                ? Map.of("components", states, "iterations", 40, "smoothing", 0)
                : labelled
                    ? Map.of("likelihood", likelihood, "classes", "label", "smoothing", 0)
                    : Map.of(
                        "likelihood",
                        likelihood,
                        "components",
                        states,
                        "iterations",
                        40,
                        "smoothing",
                        0);
    return new Case(family, settings, states, ModelledEvent.of(stored, dequantize));
  }

  /** States that differ much, in the middle of [0, 1) where elements are real numbers. */
  private static NamedArrays parameters(Case each, String likelihood) {
    int states = each.states();
    NamedArrays arrays = NamedArrays.empty();
    if (each.family().equals("hmm")) {
      arrays =
          arrays
              .with("initial", new double[] {0.7, 0.3}, 2)
              .with("transition", new double[] {0.8, 0.2, 0.3, 0.7}, 2, 2);
    } else {
      double[] prior = states == 1 ? new double[] {1} : new double[] {0.6, 0.4};
      arrays = arrays.with("prior", prior, states);
    }
    int rows = states * SIZE;
    double[] mean = new double[rows];
    double[] probability = new double[rows];
    double[] variance = new double[rows];
    for (int i = 0; i < rows; i++) {
      boolean high = (i / SIZE + i % SIZE) % 2 == 0;
      mean[i] = high ? 0.68 : 0.32;
      probability[i] = high ? 0.9 : 0.15;
      variance[i] = 0.0049 + 0.001 * (i % SIZE);
    }
    if (each.family().equals("tree")) {
      return withTrees(arrays, states, each.way().event().levels());
    }
    return switch (likelihood) {
      case "bernoulli" -> arrays.with("probability", probability, states, SIZE);
      case "categorical" -> {
        double[] table = new double[rows * 5];
        Arrays.fill(table, 0.05);
        for (int i = 0; i < rows; i++) {
          table[i * 5 + i * 2 % 5] += 0.75;
        }
        yield arrays.with("probability", table, states, SIZE, 5);
      }
      default -> arrays.with("mean", mean, states, SIZE).with("variance", variance, states, SIZE);
    };
  }

  /** Chains in which an element mostly repeats the one before, or is mostly one above it. */
  private static NamedArrays withTrees(NamedArrays prior, int states, int levels) {
    double[] parent = new double[states * SIZE];
    double[] probability = new double[states * levels * (1 + (SIZE - 1) * levels)];
    Arrays.fill(probability, 0.2 / levels);
    int at = 0;
    for (int k = 0; k < states; k++) {
      for (int d = 0; d < SIZE; d++) {
        parent[k * SIZE + d] = Math.max(0, d - 1);
        for (int a = 0; a < (d == 0 ? 1 : levels); a++) {
          if (d == 0) {
            Arrays.fill(probability, at, at + levels, 1.0 / levels);
          } else {
            probability[at + (a + k) % levels] += 0.8;
          }
          at += levels;
        }
      }
    }
    return prior
        .with("parent", parent, states, SIZE)
        .with("probability", probability, probability.length);
  }

  /** Stored examples of a model; a fifth of the elements is missing where some may be. */
  private static Batch drawn(Case each, NamedArrays parameters, int part) {
    long[] ids = LongStream.range(0, EXAMPLES).map(i -> i + (long) part * EXAMPLES).toArray();
    OptionalInt length =
        each.way().stored().variableLength() ? OptionalInt.of(STEPS) : OptionalInt.empty();
    Batch whole;
    try (GenerativeModel model = each.model(parameters)) {
      SampleRequest request = new SampleRequest(OptionalInt.empty(), length, 1);
      whole = model.sample(ids, KEY.fold("draw"), request);
    }
    EventSpec event = each.way().stored();
    float[] values = whole.values().clone();
    if (event.missing()) {
      RandomKey gaps = KEY.fold("gaps").fold(part);
      for (int i = 0; i < values.length; i++) {
        values[i] = gaps.uniform(i) < 0.2 ? Float.NaN : values[i];
      }
    }
    return new Batch(event, ids, values, whole.labels(), whole.lengths());
  }

  /** As a fit does: every pass sees the same examples. */
  private static NamedArrays fitted(Case each, Batch stored) {
    StatisticsModel definition = each.definition();
    NamedArrays parameters = definition.initial(RandomKey.of(4));
    double before = Double.NEGATIVE_INFINITY;
    for (int pass = 0; pass < definition.iterations(); pass++) {
      double[] statistics = new double[definition.statisticsSize()];
      Batch seen = each.way().apply(stored, KEY.fold("fit"));
      definition.accumulate(parameters, seen, statistics);
      if (definition.logLikelihood(statistics).isPresent()) {
        double after = definition.logLikelihood(statistics).getAsDouble();
        assertTrue(after >= before - 1e-6, "pass " + pass + ": " + before + ", then " + after);
        before = after;
      }
      parameters = definition.maximize(statistics);
    }
    return parameters;
  }

  private static double[] scores(Case each, NamedArrays parameters, Batch stored) {
    try (GenerativeModel model = each.model(parameters)) {
      return model instanceof ExactModel exact
          ? exact.logProb(stored)
          : ((BoundModel) model).elbo(stored, 1, KEY.fold("score"));
    }
  }

  private static Moments difference(Case each, NamedArrays a, NamedArrays b, Batch stored) {
    double[] ofA = scores(each, a, stored);
    double[] ofB = scores(each, b, stored);
    double[] differences = new double[ofA.length];
    Arrays.setAll(differences, i -> ofA[i] - ofB[i]);
    return Moments.of(differences);
  }

  private static void assertNear(double expected, Moments found, double more) {
    assertEquals(expected, found.mean(), 4.5 * found.standardError() + more);
  }

  /** How many numbers the parameters are. */
  private static int free(NamedArrays parameters) {
    return parameters.byName().values().stream().mapToInt(array -> array.values().length).sum();
  }

  /**
   * A pass of EM and the scores on 3-bit data against sums over all paths of states of the
   * dequantized values, written out here.
   */
  @ParameterizedTest
  @ValueSource(strings = {"naive-bayes", "hmm"})
  void on_dequantized_levels_a_pass_is_the_closed_form(String family) {
    int steps = family.equals("hmm") ? 4 : 1;
    int examples = 60;
    EventSpec stored =
        new EventSpec(List.of(1), new EventSpec.Discrete(8), family.equals("hmm"), 0, List.of(), 0);
    float[] levels = new float[examples * steps];
    for (int i = 0; i < levels.length; i++) {
      levels[i] = KEY.uniform(i) < 0.4 ? KEY.below(1000 + i, 3) : 4 + KEY.below(1000 + i, 4);
    }
    Batch batch = SmallEvents.batch(stored, steps, examples, levels);
    Map<String, Object> settings =
        family.equals("hmm")
            ? Map.of("states", 2, "emissions", "gaussian", "smoothing", 0)
            : Map.of("likelihood", "gaussian", "components", 2);
    Case each = new Case(family, settings, 2, ModelledEvent.of(stored, "uniform"));
    NamedArrays arrays =
        family.equals("hmm")
            ? NamedArrays.empty()
                .with("initial", StatePaths.INITIAL, 2)
                .with("transition", StatePaths.TRANSITION, 2, 2)
            : NamedArrays.empty().with("prior", StatePaths.INITIAL, 2);
    NamedArrays parameters =
        arrays.with("mean", StatePaths.MEAN, 2, 1).with("variance", StatePaths.VARIANCE, 2, 1);

    Batch seen = each.way().apply(batch, KEY);
    double[] statistics = new double[each.definition().statisticsSize()];
    each.definition().accumulate(parameters, seen, statistics);
    NamedArrays next = each.definition().maximize(statistics);
    StatePaths expected = StatePaths.of(seen, steps);
    assertEquals(
        expected.logLikelihood, each.definition().logLikelihood(statistics).orElseThrow(), 1e-9);
    for (int k = 0; k < 2; k++) {
      double mean = expected.sum[k] / expected.weight[k];
      double variance = expected.square[k] / expected.weight[k] - mean * mean;
      assertEquals(mean, next.array("mean", 2, 1)[k], 1e-9);
      assertEquals(variance, next.array("variance", 2, 1)[k], 1e-9);
      String start = family.equals("hmm") ? "initial" : "prior";
      assertEquals(expected.begins[k] / examples, next.array(start, 2)[k], 1e-9);
      for (int to = 0; steps > 1 && to < 2; to++) {
        double left = expected.follows[k][0] + expected.follows[k][1];
        assertEquals(
            expected.follows[k][to] / left, next.array("transition", 2, 2)[2 * k + to], 1e-9);
      }
    }

    double[] scored;
    try (GenerativeModel model = each.model(parameters)) {
      scored = ((BoundModel) model).elbo(batch, 1, KEY);
    }
    Batch noisy = Dequantization.apply(batch, KEY.fold(0).fold("dequantization"));
    for (int i = 0; i < examples; i++) {
      double density = Arrays.stream(StatePaths.probabilities(noisy, i, steps)).sum();
      assertEquals(Math.log(density) - steps * Math.log(8), scored[i], 1e-9);
    }
  }

  /** What a step of training ascends is what the model is scored by, to the noise. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "vae bits",
        "vae levels",
        "vae real",
        "vae dequantized",
        "pixelcnn",
        "pixelcnn labels",
        "wavenet",
        "wavenet labels"
      })
  void what_a_training_step_ascends_is_the_score(String name) {
    boolean sequences = name.startsWith("wavenet");
    EventSpec event =
        name.equals("vae real")
            ? EventSpec.continuous(2, 2)
            : EventSpec.discrete(
                name.equals("vae bits") ? 2 : 4, sequences ? 1 : 2, sequences ? 1 : 2);
    event =
        new EventSpec(
            sequences ? List.of(1) : event.shape(), event.elements(), sequences, 3, List.of(), 0);
    boolean conditional = name.endsWith("labels");
    Map<String, Object> settings =
        switch (name.split(" ")[0]) {
          case "vae" ->
              Map.of(
                  "hidden",
                  List.of(5),
                  "latent",
                  2,
                  "likelihood",
                  name.equals("vae bits")
                      ? "bernoulli"
                      : name.equals("vae levels") ? "logistic" : "gaussian");
          case "pixelcnn" -> Map.of("channels", 4, "layers", 2, "conditional", conditional);
          default ->
              Map.of(
                  "channels",
                  4,
                  "skipChannels",
                  4,
                  "dilations",
                  List.of(1, 2),
                  "conditional",
                  conditional);
        };
    ModelledEvent way = ModelledEvent.of(event, name.endsWith("dequantized") ? "uniform" : "none");
    Network network =
        (Network) Families.define(name.split(" ")[0], Settings.of(settings), way.event());
    try (TorchEngine engine = TorchEngine.open(TorchEngine.Options.cpu())) {
      BoundParameters parameters = engine.bind(network.parameters());
      network.parameters().initialize(RandomKey.of(6), parameters.values()::write);
      Batch stored = random(event, 40);
      RandomKey own = KEY.fold(0);
      RandomKey inner = way.dequantized() ? own.fold("inner") : KEY;
      Batch seen = network.admitted(way.apply(stored, own.fold("dequantization")));
      Network.Player player = network.players().get(0);
      double[] ascended =
          engine.inference(
              () -> {
                TensorMap inputs =
                    NetworkInputs.of(
                        engine, network.trainingView(seen, KEY), player.noise(), inner);
                return player.objective().of(parameters.weights(), inputs).toDoubles();
              });
      try (GenerativeModel model = way.model(NetworkModel.bind(network, parameters))) {
        double[] scored =
            model instanceof ExactModel exact
                ? exact.logProb(stored)
                : ((BoundModel) model).elbo(stored, 1, KEY);
        assertArrayEquals(scored, way.nats(stored, ascended), 1e-4);
        if (way.dequantized()) {
          assertThrows(IllegalArgumentException.class, () -> network.admitted(stored));
        }
      }
    }
  }

  private static Batch random(EventSpec event, int count) {
    int steps = event.variableLength() ? 5 : 1;
    float[] values = new float[count * steps * event.size()];
    int[] labels = new int[count];
    int[] lengths = event.variableLength() ? new int[count] : null;
    for (int i = 0; i < values.length; i++) {
      values[i] =
          event.isDiscrete()
              ? RandomKey.of(1).below(i, event.levels())
              : (float) RandomKey.of(1).uniform(i);
    }
    for (int i = 0; i < count; i++) {
      labels[i] = i % event.classes();
    }
    if (lengths != null) {
      Arrays.fill(lengths, steps);
    }
    return new Batch(event, LongStream.range(0, count).toArray(), values, labels, lengths);
  }
}
