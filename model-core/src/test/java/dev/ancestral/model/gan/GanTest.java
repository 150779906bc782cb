package dev.ancestral.model.gan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.model.Batch;
import dev.ancestral.model.BoundModel;
import dev.ancestral.model.DecoderModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.ExactModel;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.ImplicitModel;
import dev.ancestral.model.Network;
import dev.ancestral.model.NetworkContract;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.gan.Gan.GanFamily;
import dev.ancestral.model.network.NetworkModel;
import dev.ancestral.optimize.Adam;
import dev.ancestral.optimize.Sgd;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.torch.TorchEngine;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class GanTest {
  private static final RandomKey KEY = RandomKey.of(41);

  private final TorchEngine engine = TorchEngine.open(TorchEngine.Options.cpu());

  @AfterEach
  void close() {
    engine.close();
  }

  @Nested
  class NonSaturatingOnLevels extends NetworkContract {
    @Override
    protected Network network() {
      return gan(EventSpec.discrete(5, 3), Map.of("hidden", List.of(6, 4)));
    }
  }

  @Nested
  class MinimaxWithPenalty extends NetworkContract {
    @Override
    protected Network network() {
      return gan(
          EventSpec.discrete(2, 2, 2, 1),
          Map.of("hidden", List.of(6), "loss", "minimax", "gradientPenalty", 0.7));
    }
  }

  @Nested
  class NonSaturatingWithPenaltyOnRealNumbers extends NetworkContract {
    @Override
    protected Network network() {
      return gan(
          EventSpec.continuous(3),
          Map.of("hidden", List.of(5), "gradientPenalty", 2, "output", "sigmoid"));
    }
  }

  @Nested
  class HingeWithPenalty extends NetworkContract {
    @Override
    protected Network network() {
      return gan(
          EventSpec.continuous(3),
          Map.of("hidden", List.of(5), "loss", "hinge", "gradientPenalty", 0.3));
    }
  }

  @Nested
  class DeepConvolutionalWithPenalty extends NetworkContract {
    @Override
    protected Network network() {
      return gan(
          EventSpec.continuous(4, 8, 2),
          Map.of(
              "network", "dcgan", "hidden", List.of(3, 4), "gradientPenalty", 1, "output", "tanh"));
    }
  }

  @Nested
  class DeepConvolutionalWithHinge extends NetworkContract {
    @Override
    protected Network network() {
      return gan(
          EventSpec.continuous(4, 4),
          Map.of("network", "dcgan", "hidden", List.of(3), "loss", "hinge"));
    }
  }

  @Test
  void no_player_moves_the_other() {
    for (String loss : List.of("non-saturating", "minimax", "hinge")) {
      for (double penalty : new double[] {0, 1}) {
        Gan gan =
            gan(
                EventSpec.continuous(4),
                Map.of("hidden", List.of(5), "loss", loss, "gradientPenalty", penalty));
        try (BoundParameters parameters = engine.bind(gan.parameters())) {
          Duel duel = new Duel(engine, gan, parameters, Adam.standard(), 0.01);
          gan.parameters().initialize(KEY, parameters.values());
          for (Network.Player player : gan.players()) {
            duel.gradient(player, Duel.normal(gan.event(), KEY, 8, 0, 1), KEY);
            for (Network.Player owner : gan.players()) {
              double norm = duel.gradientNorm(owner);
              String what = loss + ": gradient of " + player.name() + " on " + owner.name();
              if (owner.name().equals(player.name())) {
                assertTrue(norm > 0, what);
              } else {
                assertEquals(0, norm, what);
              }
            }
          }
        }
      }
    }
  }

  @Test
  void players_learn_in_turn_with_optimizers_of_their_own() {
    Gan gan =
        gan(
            EventSpec.discrete(2, 4),
            Map.of(
                "discriminatorSteps",
                3,
                "generatorOptimizer",
                Map.of("learningRate", 0.01),
                "discriminatorOptimizer",
                Map.of("name", "sgd", "momentum", 0)));
    Network.Player discriminator = gan.players().get(0);
    Network.Player generator = gan.players().get(1);
    assertEquals("discriminator", discriminator.name());
    assertEquals(3, discriminator.updates());
    assertEquals(1, generator.updates());
    assertEquals(new Sgd(0, false, 0), discriminator.optimizer().orElseThrow().optimizer());
    assertEquals(0.01, generator.optimizer().orElseThrow().learningRate());
    assertEquals(new Adam(0.5, 0.999, 1e-8, 0), generator.optimizer().orElseThrow().optimizer());
  }

  @Test
  void is_a_sampler_with_a_decoder_and_nothing_else() {
    Gan gan = gan(EventSpec.continuous(2), Map.of());
    GenerativeModel model = NetworkModel.bind(gan, engine.bind(gan.parameters()));
    assertInstanceOf(ImplicitModel.class, model);
    assertInstanceOf(DecoderModel.class, model);
    assertFalse(model instanceof ExactModel || model instanceof BoundModel);
  }

  @Test
  void decoder_is_a_gaussian_around_what_is_drawn() {
    EventSpec event = EventSpec.discrete(256, 3);
    Gan gan = gan(event, Map.of("hidden", List.of(4), "latent", 2, "observationScale", 0.1));
    BoundParameters parameters = engine.bind(gan.parameters());
    gan.parameters().initialize(KEY, parameters.values());
    double scale = 0.1 * 255;
    engine.inference(
        () -> {
          Tensor z = engine.constant(new float[] {0.3f, -1, 2, 0.5f}, 2, 1, 2); // [K, B, L]
          float[] x = {12, 200, 255};
          double[] mean = gan.decode(parameters.weights(), z.reshape(2, 2)).toDoubles(); // [K, D]
          double[] nats =
              gan.logLikelihood(parameters.weights(), engine.constant(x, 1, 3), z).toDoubles();
          for (int k = 0; k < 2; k++) {
            double expected = 0;
            for (int d = 0; d < 3; d++) {
              double u = (x[d] - mean[3 * k + d]) / scale;
              expected -= 0.5 * (u * u + Math.log(2 * Math.PI)) + Math.log(scale);
            }
            assertEquals(expected, nats[k], 1e-4);
          }
          Tensor observed =
              gan.observe(parameters.weights(), z.reshape(2, 2), engine.full(1, 2, 3));
          double[] values = observed.toDoubles();
          for (int i = 0; i < values.length; i++) {
            assertEquals(mean[i] + scale, values[i], 1e-3);
          }
          return null;
        });
  }

  @Test
  void draws_of_levels_are_the_decoder_rounded() {
    EventSpec event = EventSpec.discrete(4, 2, 2, 1);
    Gan gan = gan(event, Map.of("network", "dcgan", "hidden", List.of(3), "latent", 2));
    BoundParameters parameters = engine.bind(gan.parameters());
    gan.parameters().initialize(KEY, parameters.values());
    float[] z = new float[2];
    KEY.fold(9).fold("latent").fillNormal(0, z, 0, 2);
    double[] mean =
        engine.inference(
            () -> gan.decode(parameters.weights(), engine.constant(z, 1, 2)).toDoubles());
    GenerativeModel model = NetworkModel.bind(gan, parameters);
    float[] drawn = model.sample(new long[] {9}, KEY, SampleRequest.plain()).values();
    for (int d = 0; d < drawn.length; d++) {
      assertEquals(Math.floor(mean[d] + 0.5), drawn[d]);
    }
    SampleRequest labelled = new SampleRequest(OptionalInt.of(1), OptionalInt.empty(), 1);
    assertThrows(AncestralException.class, () -> model.sample(new long[] {9}, KEY, labelled));
  }

  @Test
  void unsuited_events_are_refused_with_a_way_out() {
    EventSpec sequence =
        new EventSpec(List.of(1), new EventSpec.Discrete(2), true, 0, List.of(), 0);
    assertRefused(sequence, "mlp", "wavenet");
    assertRefused(EventSpec.discrete(2, 8), "dcgan", "network: mlp");
    assertRefused(EventSpec.discrete(2, 30, 30, 1), "dcgan", "multiples of 4");
  }

  @Test
  void wrong_settings_are_reported_together() {
    Settings settings =
        Settings.of(
            Map.of(
                "network",
                "dcgan",
                "hidden",
                List.of(),
                "latent",
                0,
                "loss",
                "wasserstein",
                "discriminatorSteps",
                0,
                "gradientPenalty",
                -1,
                "observationScale",
                0,
                "output",
                "relu",
                "generatorOptimizer",
                Map.of("name", "rmsprop", "rate", 1)));
    new GanFamily().define(settings, EventSpec.discrete(2, 28, 28, 1));
    assertEquals(9, settings.problems().size(), () -> settings.problems().toString());
  }

  @Test
  void images_of_the_usual_sizes_fit_the_defaults() {
    for (int side : new int[] {28, 32}) {
      Gan gan = gan(EventSpec.discrete(256, side, side, 1), Map.of("network", "dcgan"));
      BoundParameters parameters = engine.bind(gan.parameters());
      gan.parameters().initialize(KEY, parameters.values());
      GenerativeModel model = NetworkModel.bind(gan, parameters);
      Batch drawn = model.sample(new long[] {1, 2}, KEY, SampleRequest.plain());
      assertEquals(2 * side * side, drawn.values().length);
    }
  }

  private void assertRefused(EventSpec event, String network, String wayOut) {
    Settings settings = Settings.of(Map.of("network", network));
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> new GanFamily().define(settings, event));
    assertEquals(ErrorCode.MISMATCH, refusal.code());
    assertTrue(refusal.getMessage().contains(wayOut), refusal.getMessage());
  }

  static Gan gan(EventSpec event, Map<String, Object> given) {
    Map<String, Object> values = new HashMap<>(given);
    values.putIfAbsent("latent", 3);
    Settings settings = Settings.of(values);
    Gan gan = (Gan) new GanFamily().define(settings, event);
    assertEquals(List.of(), settings.problems());
    return gan;
  }
}
