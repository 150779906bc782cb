package dev.ancestral.model.vae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.ancestral.config.Settings;
import dev.ancestral.model.Batch;
import dev.ancestral.model.BoundModel;
import dev.ancestral.model.Decoder;
import dev.ancestral.model.DecoderModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.dequantization.Dequantization;
import dev.ancestral.model.network.NetworkModel;
import dev.ancestral.model.vae.Vae.VaeFamily;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.torch.TorchEngine;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** p(x | z): the scorer sums to 1, the sampler follows it and the mean is its mean. */
class VaeDecoderTest {
  private static final RandomKey KEY = RandomKey.of(31);
  private static final int DRAWS = 20_000;

  private final TorchEngine engine = TorchEngine.open(TorchEngine.Options.cpu());

  @AfterEach
  void close() {
    engine.close();
  }

  @Test
  void bernoulli_elements_have_the_probabilities_of_the_scorer() {
    followsTheScorer(EventSpec.discrete(2, 1), "bernoulli", 1e-5);
  }

  @Test
  void logistic_elements_have_the_probabilities_of_the_scorer() {
    // The mean of the decoder is the one before rounding: the outermost levels pull it outwards.
    followsTheScorer(EventSpec.discrete(6, 1), "logistic", 0.5);
  }

  private void followsTheScorer(EventSpec event, String likelihood, double meanTolerance) {
    int levels = event.levels();
    Decoder decoder = ((DecoderModel) model(event, likelihood)).decoder();
    engine.inference(
        () -> {
          float[] values = new float[levels];
          for (int v = 0; v < levels; v++) {
            values[v] = v;
          }
          Tensor z = engine.full(0.7, 1, 1, 2); // [K, B, L]
          double[] logProb =
              decoder
                  .logLikelihood(engine.constant(values, levels, 1), z.broadcastTo(1, levels, 2))
                  .toDoubles(); // [1, B]
          float[] noise = new float[DRAWS];
          KEY.fillUniform(0, noise, 0, DRAWS);
          float[] drawn =
              decoder
                  .observe(engine.full(0.7, DRAWS, 2), engine.constant(noise, DRAWS, 1))
                  .toFloats();
          double[] counts = new double[levels];
          for (float x : drawn) {
            counts[(int) x]++;
          }
          double sum = 0;
          double mean = 0;
          for (int v = 0; v < levels; v++) {
            double p = Math.exp(logProb[v]);
            sum += p;
            mean += p * v;
            assertEquals(p, counts[v] / DRAWS, 5 * Math.sqrt(p / DRAWS) + 1e-4, "level " + v);
          }
          assertEquals(1, sum, 1e-5);
          assertEquals(mean, decoder.mean(engine.full(0.7, 1, 2)).item(), meanTolerance);
          return null;
        });
  }

  @Test
  void gaussian_elements_have_the_density_of_the_scorer() {
    EventSpec event = EventSpec.continuous(2);
    Decoder decoder = ((DecoderModel) model(event, "gaussian")).decoder();
    engine.inference(
        () -> {
          float[] normal = new float[DRAWS * 2];
          KEY.fillNormal(0, normal, 0, normal.length);
          Tensor drawn =
              decoder.observe(engine.full(0.7, DRAWS, 2), engine.constant(normal, DRAWS, 2));
          Tensor mean = decoder.mean(engine.full(0.7, 1, 2)); // [1, D]
          double[] deviations = drawn.sub(mean).mean(0).toDoubles();
          assertArrayEquals(new double[2], deviations, 0.05);
          // E[log p(x | z)] is minus the entropy, ½ D (log 2πv + 1), with v = 1 at the start.
          double entropy =
              decoder.logLikelihood(drawn, engine.full(0.7, 1, DRAWS, 2)).mean().neg().item();
          assertEquals(Math.log(2 * Math.PI) + 1, entropy, 0.05);
          return null;
        });
  }

  @Test
  void through_dequantization_the_decoder_stays_what_it_is() {
    EventSpec discrete = EventSpec.discrete(8, 2);
    GenerativeModel inner = model(Dequantization.event(discrete), "gaussian");
    GenerativeModel model = Dequantization.model(inner, discrete);
    assertInstanceOf(BoundModel.class, model);
    DecoderModel decoder = assertInstanceOf(DecoderModel.class, model);
    assertEquals(Dequantization.event(discrete), decoder.decoder().event());
    Batch x = Batch.of(discrete, new long[] {4}, new float[] {3, 7});
    Batch seen = decoder.observed(x, KEY);
    assertEquals(3, Math.floor(seen.values()[0] * 8.0));
    assertEquals(7, Math.floor(seen.values()[1] * 8.0));
    assertEquals(-2 * Math.log(8), decoder.nats(x, new double[] {0})[0], 1e-12);
  }

  private GenerativeModel model(EventSpec event, String likelihood) {
    Vae vae =
        (Vae)
            new VaeFamily()
                .define(
                    Settings.of(
                        Map.of("hidden", List.of(4), "latent", 2, "likelihood", likelihood)),
                    event);
    BoundParameters parameters = engine.bind(vae.parameters());
    vae.parameters().initialize(KEY.fold(1), parameters.values());
    return NetworkModel.bind(vae, parameters);
  }
}
