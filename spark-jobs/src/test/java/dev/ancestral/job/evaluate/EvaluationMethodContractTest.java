package dev.ancestral.job.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.config.Settings;
import dev.ancestral.data.transfer.JavaBytes;
import dev.ancestral.estimator.Estimator;
import dev.ancestral.estimator.EstimatorOptions;
import dev.ancestral.estimator.EstimatorProvider;
import dev.ancestral.estimator.EvaluationMethod;
import dev.ancestral.estimator.EvaluationMethods;
import dev.ancestral.estimator.ModelTraits;
import dev.ancestral.estimator.TunedEstimator;
import dev.ancestral.likelihood.LogLikelihood;
import dev.ancestral.likelihood.Moments;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.Families;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.oracle.LinearGaussian;
import dev.ancestral.oracle.Verdict;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.NamedArrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every evaluation method promises, whoever brought it. */
class EvaluationMethodContractTest {
  private static final RandomKey KEY = RandomKey.of(17);
  private static final int EXAMPLES = 8;

  static List<EvaluationMethod> methods() {
    return EvaluationMethods.all();
  }

  @ParameterizedTest
  @MethodSource("methods")
  void it_declares_its_name_its_settings_and_its_laws(EvaluationMethod method) {
    assertTrue(method.name().matches("[a-z][a-z0-9-]*"), method.name());
    assertEquals(
        method.settings().size(), new HashSet<>(method.settings()).size(), "declared twice");
    method.settings().forEach(setting -> assertFalse(setting.description().isEmpty()));
    String kind = "kinds other than";
    List<Verdict> laws = method.verdicts();
    assertTrue(
        laws.stream().anyMatch(law -> !law.law().startsWith(kind)),
        method.name() + " has no law of its numbers");
    laws.forEach(law -> assertEquals("estimator " + method.name(), law.subject()));
  }

  @Test
  void one_of_likelihood_suits_each_kind_of_model_and_tests_of_samples_suit_all() {
    try (Known vae = Known.linearGaussian();
        Known coins = Known.coins()) {
      for (Known known : List.of(vae, coins)) {
        List<EvaluationMethod> suiting = EvaluationMethods.suiting(known.traits());
        assertTrue(suiting.get(0) instanceof EstimatorProvider, suiting::toString);
        // The quality of a table is one of rows, which these models do not have.
        assertEquals(
            List.of("two-sample", "c2st"),
            suiting.stream()
                .filter(method -> !(method instanceof EstimatorProvider))
                .map(EvaluationMethod::name)
                .toList());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("methods")
  void an_estimator_scores_what_its_kind_says_and_travels(EvaluationMethod method) {
    if (!(method instanceof EstimatorProvider provider)) {
      return; // A test of samples scores no example.
    }
    int scored = 0;
    try (Known vae = Known.linearGaussian();
        Known coins = Known.coins()) {
      for (Known known : List.of(vae, coins)) {
        if (provider.suits(known.traits())) {
          requireContract(provider, known);
          scored++;
        }
      }
    }
    assertTrue(scored > 0, method.name() + " suits no model that is known here");
  }

  private static void requireContract(EstimatorProvider provider, Known known) {
    Estimator made =
        provider.estimator(known.traits(), new EstimatorOptions(OptionalInt.of(30), 3, Map.of()));
    Estimator estimator =
        made instanceof TunedEstimator tuned && tuned.isOpen() ? tuned.with(0.7) : made;
    assertEquals(provider.name(), estimator.name());
    assertTrue(estimator.samples() >= 0 && estimator.passes() > 0);
    assertTrue(estimator.batchWidth(known.model().event()) > 0);
    Estimator.Scores scores = estimator.score(known.model(), known.examples(), KEY);
    Estimator travelled = JavaBytes.value(JavaBytes.of(estimator), Estimator.class);
    assertEquals(estimator, travelled);
    Estimator.Scores again = travelled.score(known.model(), known.examples(), KEY);
    assertArrayEquals(scores.nats(), again.nats());
    assertEquals(Set.copyOf(estimator.diagnostics()), scores.diagnostics().keySet());
    scores
        .diagnostics()
        .forEach(
            (diagnostic, values) -> {
              assertEquals(EXAMPLES, values.length);
              assertArrayEquals(values, again.diagnostics().get(diagnostic));
            });
    requireKind(estimator.kind(), scores.nats(), known.nats());
  }

  /** Bounds hold in expectation: their mean may be beyond the value by some of its errors. */
  private static void requireKind(LogLikelihood.Kind kind, double[] found, double[] exact) {
    Moments excess = new Moments();
    for (int i = 0; i < found.length; i++) {
      excess.add(found[i] - exact[i]);
    }
    double slack = 4 * excess.standardError() + 1e-6;
    switch (kind) {
      case EXACT -> assertArrayEquals(exact, found, 1e-6);
      case LOWER_BOUND -> assertTrue(excess.mean() < slack, () -> "above by " + excess.mean());
      case UPPER_BOUND -> assertTrue(excess.mean() > -slack, () -> "below by " + excess.mean());
      case ESTIMATE -> assertTrue(Double.isFinite(excess.mean()));
    }
  }

  /** A model with examples whose log p(x) is known in closed form. */
  private record Known(
      ModelTraits traits, GenerativeModel model, Batch examples, double[] nats, AutoCloseable owner)
      implements AutoCloseable {

    static Known linearGaussian() {
      LinearGaussian vae = LinearGaussian.withWrongEncoder();
      Batch x = vae.draws(EXAMPLES, 1, KEY);
      ModelTraits traits =
          new ModelTraits(
              Families.define(
                  "vae",
                  Settings.of(Map.of("hidden", List.of(), "latent", 2, "likelihood", "gaussian")),
                  x.event()),
              false);
      return new Known(traits, vae.model(), x, vae.logProb(x), vae);
    }

    static Known coins() {
      EventSpec event = EventSpec.discrete(2, 2);
      StatisticsModel definition =
          (StatisticsModel)
              Families.define("naive-bayes", Settings.of(Map.of("likelihood", "bernoulli")), event);
      ExactModel model =
          definition.bind(
              NamedArrays.empty()
                  .with("prior", new double[] {1}, 1)
                  .with("probability", new double[] {0.25, 0.75}, 1, 2));
      long[] ids = new long[EXAMPLES];
      float[] values = new float[2 * EXAMPLES];
      double[] nats = new double[EXAMPLES];
      for (int i = 0; i < EXAMPLES; i++) {
        ids[i] = i;
        values[2 * i] = i & 1;
        values[2 * i + 1] = i >> 1 & 1;
        nats[i] = Math.log((i & 1) == 1 ? 0.25 : 0.75) + Math.log((i >> 1 & 1) == 1 ? 0.75 : 0.25);
      }
      return new Known(
          new ModelTraits(definition, false), model, Batch.of(event, ids, values), nats, model);
    }

    @Override
    public void close() {
      try {
        owner.close();
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
