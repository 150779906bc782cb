package dev.ancestral.model.vae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.model.Batch;
import dev.ancestral.model.BoundModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Network;
import dev.ancestral.model.NetworkContract;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.network.NetworkInputs;
import dev.ancestral.model.network.NetworkModel;
import dev.ancestral.model.vae.Vae.VaeFamily;
import dev.ancestral.optimize.Adam;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.FlatVector;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import dev.ancestral.tensor.torch.TorchEngine;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class VaeTest {
  private static final RandomKey KEY = RandomKey.of(8);

  private final TorchEngine engine = TorchEngine.open(TorchEngine.Options.cpu());

  @AfterEach
  void close() {
    engine.close();
  }

  @Nested
  class BernoulliWithElbo extends NetworkContract {
    @Override
    protected Network network() {
      return vae(EventSpec.discrete(2, 2, 3, 1), Map.of("hidden", List.of(5, 4)));
    }
  }

  @Nested
  class BernoulliWithIwae extends NetworkContract {
    @Override
    protected Network network() {
      return vae(
          EventSpec.discrete(2, 4), Map.of("hidden", List.of(), "objective", "iwae", "samples", 3));
    }
  }

  @Nested
  class BernoulliWithInputDropout extends NetworkContract {
    @Override
    protected Network network() {
      return vae(EventSpec.discrete(2, 2, 3), Map.of("hidden", List.of(4), "inputDropout", 0.3));
    }
  }

  @Nested
  class BernoulliWithSleep extends NetworkContract {
    @Override
    protected Network network() {
      return vae(EventSpec.discrete(2, 2, 3), Map.of("hidden", List.of(4), "sleep", 0.5));
    }
  }

  @Nested
  class LogisticWithElbo extends NetworkContract {
    @Override
    protected Network network() {
      return vae(EventSpec.discrete(5, 3), Map.of("hidden", List.of(6)));
    }
  }

  @Nested
  class LogisticWithIwae extends NetworkContract {
    @Override
    protected Network network() {
      return vae(
          EventSpec.discrete(3, 3),
          Map.of(
              "hidden", List.of(6), "objective", "iwae", "samples", 4, "activation", "identity"));
    }
  }

  @Nested
  class LogisticOverTwoLevels extends NetworkContract {
    @Override
    protected Network network() {
      return vae(EventSpec.discrete(2, 3), Map.of("likelihood", "logistic", "hidden", List.of(3)));
    }
  }

  @Nested
  class GaussianWithElbo extends NetworkContract {
    @Override
    protected Network network() {
      return vae(EventSpec.continuous(3), Map.of("hidden", List.of(4), "samples", 2));
    }
  }

  @Nested
  class GaussianWithIwae extends NetworkContract {
    @Override
    protected Network network() {
      return vae(
          EventSpec.continuous(3),
          Map.of("hidden", List.of(4), "objective", "iwae", "samples", 5, "activation", "relu"));
    }
  }

  /**
   * Without hidden layers the Gaussian VAE is probabilistic principal component analysis: x ~ N(b,
   * WᵀW + v I), and with orthogonal rows of W the posterior is diagonal, so an encoder can be
   * exact.
   */
  @Nested
  class LinearGaussian {
    private final double[][] w = {{0.8, 0.6, 0}, {-0.3, 0.4, 1.2}}; // [L, D], orthogonal rows
    private final double[] b = {0.5, -1, 0.2};
    private final double v = 0.3;
    private final Vae vae = vae(EventSpec.continuous(3), Map.of("hidden", List.of()));
    private final BoundParameters parameters = engine.bind(vae.parameters());
    private final BoundModel model = (BoundModel) NetworkModel.bind(vae, parameters);
    private final float[] values = {0.3f, -0.8f, 1.1f, 2, 1, -1, 0.5f, -1, 0.2f};
    private final Batch x = Batch.of(vae.event(), new long[] {7, 8, 9}, values);

    @Test
    void with_its_exact_posterior_every_bound_is_log_p() {
      writeDecoder();
      writeExactEncoder(1);
      double[] exact = exactLogProb();
      assertArrayEquals(exact, model.elbo(x, 400, KEY), 0.3);
      // p(x, z) / q(z | x) is p(x) for every z.
      assertArrayEquals(exact, model.iwae(x, 1, KEY), 1e-5);
      assertArrayEquals(exact, model.iwae(x, 6000, KEY), 1e-5);
    }

    @Test
    void with_another_encoder_bounds_stay_below_and_tighten() {
      writeDecoder();
      writeExactEncoder(1.4); // wider, so that the weights have a variance
      double[] exact = exactLogProb();
      double[] elbo = model.elbo(x, 4000, KEY);
      double[] tight = model.iwae(x, 20_000, KEY);
      for (int i = 0; i < exact.length; i++) {
        double five = 0;
        for (int repeat = 0; repeat < 400; repeat++) {
          five += model.iwae(x.slice(i, i + 1), 5, KEY.fold(repeat))[0] / 400;
        }
        assertTrue(elbo[i] < five && five < exact[i], elbo[i] + " " + five + " " + exact[i]);
        assertEquals(exact[i], tight[i], 0.02);
      }
    }

    @Test
    void samples_have_the_moments_of_the_model() {
      writeDecoder();
      int draws = 40_000;
      Batch drawn = model.sample(LongStream.range(0, draws).toArray(), KEY, SampleRequest.plain());
      double[][] covariance = covariance();
      double[] mean = new double[3];
      for (int i = 0; i < drawn.values().length; i++) {
        mean[i % 3] += drawn.values()[i] / (double) draws;
      }
      for (int i = 0; i < 3; i++) {
        assertEquals(b[i], mean[i], 5 * Math.sqrt(covariance[i][i] / draws));
        for (int j = 0; j < 3; j++) {
          double moment = 0;
          for (int n = 0; n < draws; n++) {
            moment += (drawn.values()[3 * n + i] - b[i]) * (drawn.values()[3 * n + j] - b[j]);
          }
          assertEquals(covariance[i][j], moment / draws, 0.05);
        }
      }
    }

    @Test
    void training_reaches_the_entropy_of_its_data() {
      writeDecoder();
      int examples = 4000;
      long[] ids = LongStream.range(0, examples).toArray();
      Batch data = model.sample(ids, KEY, SampleRequest.plain());
      double truth = Arrays.stream(new LogNormal(b, covariance()).of(data)).average().orElseThrow();
      vae.parameters().initialize(KEY.fold(1), parameters.values());
      // Not the key of the data: its draws are the z that made them.
      RandomKey scoring = KEY.fold(2);
      double before = Arrays.stream(model.elbo(data, 4, scoring)).average().orElseThrow();
      List<FlatVector> moments =
          List.of(engine.vector(vae.parameters().size()), engine.vector(vae.parameters().size()));
      Network.Player player = vae.players().get(0);
      for (int step = 1; step <= 1200; step++) {
        int from = step * 100 % examples;
        RandomKey key = KEY.fold(3).fold(step);
        engine.scoped(
            () -> {
              TensorMap inputs =
                  NetworkInputs.of(engine, data.slice(from, from + 100), player.noise(), key);
              return parameters.differentiate(
                  weights -> player.objective().of(weights, inputs).mean().neg());
            });
        Adam.standard().step(parameters.values(), parameters.gradient(), moments, step, 0.01);
      }
      double after = Arrays.stream(model.elbo(data, 4, scoring)).average().orElseThrow();
      assertTrue(before < truth - 1, before + " is far from " + truth);
      assertEquals(truth, after, 0.05);
    }

    private double[] exactLogProb() {
      return new LogNormal(b, covariance()).of(x);
    }

    private double[][] covariance() {
      double[][] c = new double[3][3];
      for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
          c[i][j] = w[0][i] * w[0][j] + w[1][i] * w[1][j] + (i == j ? v : 0);
        }
      }
      return c;
    }

    private void writeDecoder() {
      write("decoder.observation.weight", w[0][0], w[0][1], w[0][2], w[1][0], w[1][1], w[1][2]);
      write("decoder.observation.bias", b);
      write("decoder.logVariance", Math.log(v));
    }

    /** q(z | x) with the exact mean, and its deviation times a factor. */
    private void writeExactEncoder(double factor) {
      double[] weight = new double[3 * 4]; // [D, 2 L]
      double[] bias = new double[4];
      for (int l = 0; l < 2; l++) {
        double squares = w[l][0] * w[l][0] + w[l][1] * w[l][1] + w[l][2] * w[l][2];
        double variance = 1 / (1 + squares / v);
        for (int d = 0; d < 3; d++) {
          weight[d * 4 + l] = variance * w[l][d] / v;
          bias[l] -= variance * w[l][d] / v * b[d];
        }
        bias[2 + l] = Math.log(variance) + 2 * Math.log(factor);
      }
      write("encoder.posterior.weight", weight);
      write("encoder.posterior.bias", bias);
    }

    private void write(String name, double... numbers) {
      ParameterLayout.Parameter parameter = vae.parameters().parameter(name);
      assertEquals(parameter.size(), numbers.length);
      FloatBuffer buffer = FloatBuffer.allocate(numbers.length);
      for (double number : numbers) {
        buffer.put((float) number);
      }
      parameters.values().write(parameter.offset(), buffer.flip());
    }
  }

  @Test
  void likelihood_follows_the_event() {
    assertTrue(names(vae(EventSpec.discrete(256, 4), Map.of())).contains("decoder.logScale"));
    assertTrue(names(vae(EventSpec.continuous(4), Map.of())).contains("decoder.logVariance"));
    assertEquals(
        List.of(
            "encoder.0.weight",
            "encoder.0.bias",
            "encoder.posterior.weight",
            "encoder.posterior.bias",
            "decoder.0.weight",
            "decoder.0.bias",
            "decoder.observation.weight",
            "decoder.observation.bias"),
        names(vae(EventSpec.discrete(2, 4), Map.of("hidden", List.of(7)))));
  }

  @Test
  void unsuited_events_are_refused_with_a_way_out() {
    assertRefused(EventSpec.discrete(256, 28, 28), "bernoulli", "--binarize");
    assertRefused(EventSpec.continuous(4), "bernoulli", "gaussian");
    assertRefused(EventSpec.continuous(4), "logistic", "gaussian");
    assertRefused(EventSpec.discrete(256, 4), "gaussian", "dequantize: uniform");
    EventSpec sequence =
        new EventSpec(List.of(1), new EventSpec.Discrete(2), true, 0, List.of(), 0);
    assertRefused(sequence, "bernoulli", "wavenet");
  }

  @Test
  void wrong_settings_are_reported_together() {
    Settings settings =
        Settings.of(
            Map.of("hidden", "wide", "latent", 0, "activation", "step", "layers", 3, "samples", 0));
    new VaeFamily().define(settings, EventSpec.discrete(2, 4));
    assertEquals(5, settings.problems().size(), () -> settings.problems().toString());
  }

  @Test
  void labels_cannot_be_asked_for() {
    Vae vae = vae(EventSpec.discrete(2, 4).withClasses(10), Map.of("hidden", List.of(3)));
    BoundModel model = (BoundModel) NetworkModel.bind(vae, engine.bind(vae.parameters()));
    SampleRequest three = new SampleRequest(OptionalInt.of(3), OptionalInt.empty(), 1);
    assertThrows(AncestralException.class, () -> model.sample(new long[] {1}, KEY, three));
    Batch drawn = model.sample(new long[] {1, 2}, KEY, SampleRequest.plain());
    assertEquals(0, drawn.event().classes());
  }

  /** A linear encoder that is shown a part s of x, 1/s as large, or nothing of it. */
  @Test
  void input_dropout_hides_elements_from_the_encoder_alone() {
    Vae whole = vae(EventSpec.discrete(2, 4), Map.of("hidden", List.of(), "latent", 2));
    Vae partly =
        vae(
            EventSpec.discrete(2, 4),
            Map.of("hidden", List.of(), "latent", 2, "inputDropout", 0.75));
    BoundParameters parameters = engine.bind(whole.parameters());
    whole.parameters().initialize(KEY, parameters.values());
    Batch x = Batch.of(whole.event(), new long[] {3, 4}, new float[] {1, 0, 1, 1, 0, 0, 1, 0});
    Network.Player player = partly.players().get(0);
    ParameterLayout.Parameter weight = whole.parameters().parameter("encoder.posterior.weight");
    for (float noise : new float[] {0.8f, 0.7f}) { // shown, hidden
      Map<String, Tensor> inputs =
          new HashMap<>(NetworkInputs.of(engine, x, player.noise(), KEY).byName());
      inputs.put("dropout", engine.full(noise, 2, 4));
      double[] objective = values(player, parameters, inputs);
      try (FlatVector encoder = parameters.values().window(weight.offset(), weight.size())) {
        FloatBuffer before = FloatBuffer.allocate((int) weight.size());
        encoder.read(0, before);
        encoder.scale(noise > 0.75 ? 4 : 0);
        double[] expected = values(whole.players().get(0), parameters, inputs);
        assertArrayEquals(expected, objective, 1e-5);
        encoder.write(0, before.rewind());
      }
    }
  }

  /** Of the prior's density by an encoder that says N(0, I) of everything. */
  @Test
  void sleep_adds_the_encoders_log_density_of_what_the_model_draws() {
    Vae awake = vae(EventSpec.discrete(2, 4), Map.of("hidden", List.of(3), "latent", 2));
    Vae asleep =
        vae(EventSpec.discrete(2, 4), Map.of("hidden", List.of(3), "latent", 2, "sleep", 0.25));
    BoundParameters parameters = engine.bind(awake.parameters());
    Batch x = Batch.of(awake.event(), new long[] {3, 4}, new float[] {1, 0, 1, 1, 0, 0, 1, 0});
    Network.Player player = asleep.players().get(0);
    TensorMap inputs = NetworkInputs.of(engine, x, player.noise(), KEY);
    double[] z = inputs.get("dream.latent").toDoubles();
    double[] expected = values(awake.players().get(0), parameters, inputs.byName());
    for (int b = 0; b < 2; b++) {
      double squares = z[2 * b] * z[2 * b] + z[2 * b + 1] * z[2 * b + 1];
      expected[b] += 0.25 * (-0.5 * squares - Math.log(2 * Math.PI));
    }
    assertArrayEquals(expected, values(player, parameters, inputs.byName()), 1e-5);
  }

  @Test
  void sleep_leaves_the_decoders_gradient_alone() {
    for (EventSpec event :
        List.of(EventSpec.discrete(2, 4), EventSpec.discrete(5, 4), EventSpec.continuous(4))) {
      Vae awake = vae(event, Map.of("hidden", List.of(3), "latent", 2));
      Vae asleep = vae(event, Map.of("hidden", List.of(3), "latent", 2, "sleep", 2.0));
      Batch x = Batch.of(event, new long[] {3, 4}, new float[] {1, 0, 1, 1, 0, 0, 1, 0});
      TensorMap inputs = NetworkInputs.of(engine, x, asleep.players().get(0).noise(), KEY);
      float[] without = gradient(awake, inputs);
      float[] with = gradient(asleep, inputs);
      int decoder = (int) awake.parameters().parameter("decoder.0.weight").offset();
      assertArrayEquals(
          Arrays.copyOfRange(without, decoder, without.length),
          Arrays.copyOfRange(with, decoder, with.length),
          1e-6f);
      assertFalse(Arrays.equals(without, 0, decoder, with, 0, decoder));
    }
  }

  private float[] gradient(Vae vae, TensorMap inputs) {
    BoundParameters parameters = engine.bind(vae.parameters());
    vae.parameters().initialize(KEY, parameters.values());
    parameters.differentiate(
        weights -> vae.players().get(0).objective().of(weights, inputs).mean());
    FloatBuffer read = FloatBuffer.allocate((int) vae.parameters().size());
    parameters.gradient().read(0, read);
    return read.array();
  }

  private double[] values(
      Network.Player player, BoundParameters parameters, Map<String, Tensor> inputs) {
    TensorMap map = new TensorMap(engine, inputs);
    return player.objective().of(parameters.weights(), map).toDoubles();
  }

  @Test
  void low_temperature_draws_the_likelier_value() {
    Vae vae = vae(EventSpec.discrete(2, 4), Map.of("hidden", List.of()));
    BoundParameters parameters = engine.bind(vae.parameters());
    long bias = vae.parameters().parameter("decoder.observation.bias").offset();
    parameters.values().write(bias, FloatBuffer.wrap(new float[] {1, -1, 0.5f, -0.5f}));
    BoundModel model = (BoundModel) NetworkModel.bind(vae, parameters);
    SampleRequest cold = new SampleRequest(OptionalInt.empty(), OptionalInt.empty(), 0.01);
    float[] drawn = model.sample(new long[] {1, 2, 3}, KEY, cold).values();
    assertArrayEquals(new float[] {1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0}, drawn);
  }

  @Test
  void logistic_stays_finite_far_from_its_mean() {
    Vae vae = vae(EventSpec.discrete(256, 1), Map.of("hidden", List.of(), "latent", 1));
    BoundParameters parameters = engine.bind(vae.parameters());
    long scale = vae.parameters().parameter("decoder.logScale").offset();
    BoundModel model = (BoundModel) NetworkModel.bind(vae, parameters);
    Batch x = Batch.of(vae.event(), new long[] {0, 1, 2}, new float[] {0, 130, 255});
    for (float logScale : new float[] {-12, -7, 0, 5}) {
      parameters.values().write(scale, FloatBuffer.wrap(new float[] {logScale}));
      for (double nats : model.elbo(x, 1, KEY)) {
        assertTrue(Double.isFinite(nats) && nats < 1e-6, logScale + ": " + nats);
      }
    }
  }

  /** More examples and samples than one chunk holds give what one evaluation of all gives. */
  @Test
  void chunks_do_not_show() {
    Vae vae = vae(EventSpec.discrete(2, 256, 256), Map.of("hidden", List.of(), "latent", 2));
    BoundParameters parameters = engine.bind(vae.parameters());
    vae.parameters().initialize(KEY, parameters.values());
    BoundModel model = (BoundModel) NetworkModel.bind(vae, parameters);
    int examples = 35; // more than fit a chunk
    float[] values = new float[examples << 16];
    for (int i = 0; i < values.length; i++) {
      values[i] = (i * 7919) >> 5 & 1;
    }
    Batch x = Batch.of(vae.event(), LongStream.range(0, examples).toArray(), values);
    double[] logWeights =
        engine.inference(
            () ->
                vae.logWeights(
                        parameters.weights(),
                        NetworkInputs.of(engine, x, List.of(vae.latentNoise(3)), KEY))
                    .toDoubles()); // [3, B]
    double[] iwae = model.iwae(x, 3, KEY);
    for (int i = 0; i < examples; i++) {
      double a = logWeights[i];
      double largest =
          Math.max(a, Math.max(logWeights[examples + i], logWeights[2 * examples + i]));
      double sum = 0;
      for (int k = 0; k < 3; k++) {
        sum += Math.exp(logWeights[k * examples + i] - largest);
      }
      assertEquals(largest + Math.log(sum / 3), iwae[i], 1e-6 * Math.abs(largest));
    }
  }

  private void assertRefused(EventSpec event, String likelihood, String wayOut) {
    Settings settings = Settings.of(Map.of("likelihood", likelihood));
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> new VaeFamily().define(settings, event));
    assertEquals(ErrorCode.MISMATCH, refusal.code());
    assertTrue(refusal.getMessage().contains(wayOut), refusal.getMessage());
  }

  private static List<String> names(Vae vae) {
    return vae.parameters().parameters().stream().map(ParameterLayout.Parameter::name).toList();
  }

  private static Vae vae(EventSpec event, Map<String, Object> given) {
    Map<String, Object> values = new HashMap<>(given);
    values.putIfAbsent("latent", 2);
    Settings settings = Settings.of(values);
    Vae vae = (Vae) new VaeFamily().define(settings, event);
    assertEquals(List.of(), settings.problems());
    return vae;
  }

  /** The log density of a three-dimensional normal distribution. */
  private record LogNormal(double[] mean, double[][] covariance) {
    double[] of(Batch batch) {
      double[][] c = covariance;
      double[][] cofactors = new double[3][3];
      for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++) {
          int i1 = (i + 1) % 3;
          int i2 = (i + 2) % 3;
          int j1 = (j + 1) % 3;
          int j2 = (j + 2) % 3;
          cofactors[i][j] = c[i1][j1] * c[i2][j2] - c[i1][j2] * c[i2][j1];
        }
      }
      double determinant =
          c[0][0] * cofactors[0][0] + c[0][1] * cofactors[0][1] + c[0][2] * cofactors[0][2];
      double[] result = new double[batch.size()];
      for (int n = 0; n < result.length; n++) {
        double square = 0;
        for (int i = 0; i < 3; i++) {
          for (int j = 0; j < 3; j++) {
            square +=
                (batch.values()[3 * n + i] - mean[i])
                    * cofactors[i][j]
                    / determinant
                    * (batch.values()[3 * n + j] - mean[j]);
          }
        }
        result[n] = -0.5 * (square + Math.log(determinant) + 3 * Math.log(2 * Math.PI));
      }
      return result;
    }
  }
}
