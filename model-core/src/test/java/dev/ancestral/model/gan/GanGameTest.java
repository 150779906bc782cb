package dev.ancestral.model.gan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.Network;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.network.NetworkModel;
import dev.ancestral.optimize.Adam;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.torch.TorchEngine;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the theory says of the game, where it says a number. */
class GanGameTest {
  private static final RandomKey KEY = RandomKey.of(77);
  private static final EventSpec LINE = EventSpec.continuous(1);

  private final TorchEngine engine = TorchEngine.open(TorchEngine.Options.cpu());

  @AfterEach
  void close() {
    engine.close();
  }

  private Gan onTheLine(Object... keysAndValues) {
    Map<String, Object> keys = new java.util.HashMap<>(Map.of("hidden", List.of(), "latent", 1));
    for (int i = 0; i < keysAndValues.length; i += 2) {
      keys.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return GanTest.gan(LINE, keys);
  }

  private Duel duel(Gan gan, BoundParameters parameters) {
    return new Duel(engine, gan, parameters, new Adam(0.5, 0.999, 1e-8, 0), 0.01);
  }

  /** D = 1/2 everywhere is best when draws and data are alike: the payoff is −log 4. */
  @Test
  void at_the_equilibrium_the_payoff_is_minus_log_four() {
    Gan gan = onTheLine("loss", "minimax");
    BoundParameters parameters = engine.bind(gan.parameters()); // zero: every logit is 0
    Duel duel = duel(gan, parameters);
    duel.write("generator.output.weight", 1); // G(z) = z
    Network.Player discriminator = gan.players().get(0);
    Batch data = Duel.normal(LINE, KEY, 4000, 0, 1);
    assertEquals(-Math.log(4), duel.payoff(discriminator, data, KEY), 1e-6);
    // Nothing to gain: the gradient is of the size of the noise in 4000 examples.
    duel.gradient(discriminator, data, KEY);
    assertTrue(duel.gradientNorm(discriminator) < 4 / Math.sqrt(4000));
    for (int step = 1; step <= 200; step++) {
      RandomKey key = KEY.fold(step);
      duel.update(discriminator, Duel.normal(LINE, key, 256, 0, 1), key, step);
    }
    assertEquals(-Math.log(4), duel.payoff(discriminator, data, KEY), 0.01);
  }

  /**
   * Of N(0, 1) and N(1, 1) the best logit is linear, ½ − x, and its payoff is −log 4 + 2 JSD
   * (Goodfellow et al. 2014, theorem 1), with the divergence by quadrature.
   */
  @Test
  void the_best_discriminator_measures_the_divergence() {
    Gan gan = onTheLine();
    BoundParameters parameters = engine.bind(gan.parameters());
    Duel duel = duel(gan, parameters);
    duel.write("generator.output.weight", 1);
    duel.write("generator.output.bias", 1); // G(z) = z + 1
    Network.Player discriminator = gan.players().get(0);
    for (int step = 1; step <= 500; step++) {
      RandomKey key = KEY.fold(step);
      duel.update(discriminator, Duel.normal(LINE, key, 256, 0, 1), key, step);
    }
    double payoff = duel.payoff(discriminator, Duel.normal(LINE, KEY, 20_000, 0, 1), KEY);
    assertEquals(-Math.log(4) + 2 * divergence(), payoff, 0.015);
  }

  /** Jensen–Shannon divergence of N(0, 1) and N(1, 1) in nats. */
  private static double divergence() {
    double sum = 0;
    double width = 1e-3;
    for (double x = -10; x < 11; x += width) {
      double p = Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
      double q = Math.exp(-(x - 1) * (x - 1) / 2) / Math.sqrt(2 * Math.PI);
      sum += width * 0.5 * (p * Math.log(2 * p / (p + q)) + q * Math.log(2 * q / (p + q)));
    }
    return sum;
  }

  /** The slope of a linear discriminator is its weight w, so the penalty is γ/2 w². */
  @Test
  void the_penalty_of_a_linear_discriminator_is_known() {
    Batch data = Duel.normal(LINE, KEY, 5, 0, 1);
    double[] payoffs = new double[2];
    for (int i = 0; i < 2; i++) {
      Gan gan = onTheLine("gradientPenalty", 3.0 * i);
      Duel duel = duel(gan, engine.bind(gan.parameters()));
      duel.write("discriminator.output.weight", 0.7);
      payoffs[i] = duel.payoff(gan.players().get(0), data, KEY);
    }
    assertEquals(1.5 * 0.49, payoffs[0] - payoffs[1], 1e-6);
  }

  @ParameterizedTest
  @ValueSource(strings = {"non-saturating", "minimax", "hinge"})
  void the_generator_finds_mean_and_spread(String loss) {
    EventSpec plane = EventSpec.continuous(2);
    Gan gan =
        GanTest.gan(
            plane, Map.of("hidden", List.of(16), "latent", 2, "loss", loss, "gradientPenalty", 3));
    BoundParameters parameters = engine.bind(gan.parameters());
    gan.parameters().initialize(KEY, parameters.values());
    Duel duel = duel(gan, parameters);
    for (int step = 1; step <= 600; step++) {
      RandomKey key = KEY.fold(step);
      Batch data = Duel.normal(plane, key, 128, 1.5, 0.5);
      for (Network.Player player : gan.players()) {
        duel.update(player, data, key.fold(player.name()), step);
      }
    }
    GenerativeModel model = NetworkModel.bind(gan, parameters);
    int draws = 4000;
    float[] drawn =
        model.sample(LongStream.range(0, draws).toArray(), KEY, SampleRequest.plain()).values();
    for (int d = 0; d < 2; d++) {
      double mean = 0;
      double square = 0;
      for (int i = 0; i < draws; i++) {
        mean += drawn[2 * i + d] / draws;
        square += drawn[2 * i + d] * (double) drawn[2 * i + d] / draws;
      }
      assertEquals(1.5, mean, 0.25, loss);
      // The saturating loss is the slowest to narrow its draws.
      double slack = loss.equals("minimax") ? 0.4 : 0.25;
      assertEquals(0.5, Math.sqrt(square - mean * mean), slack, loss);
    }
  }
}
