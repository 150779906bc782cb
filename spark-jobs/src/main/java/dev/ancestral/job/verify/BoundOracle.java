package dev.ancestral.job.verify;

import dev.ancestral.likelihood.Moments;
import dev.ancestral.model.Batch;
import dev.ancestral.model.BoundModel;
import dev.ancestral.model.BoundNetwork;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Families;
import dev.ancestral.model.NetworkModel;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.Settings;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.torch.TorchEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A VAE with random weights: the importance weights are unbiased, so E Σ_x exp(IWAE_K(x)) = 1 over
 * all events (Burda et al. 2016, section 3); the ELBO lies below IWAE; and the sampler draws what
 * the scorer scores.
 */
record BoundOracle() implements Oracle {
  private static final EnumeratedEvents EVENTS = new EnumeratedEvents(EventSpec.discrete(2, 8), 1);
  private static final Map<String, Object> SETTINGS =
      Map.of("hidden", List.of(6), "latent", 2, "likelihood", "bernoulli");
  private static final int REPEATS = 20;
  private static final int SAMPLES = 1000;
  private static final int DRAWS = 20_000;

  @Override
  public List<Verdict> verdicts() {
    BoundNetwork network =
        (BoundNetwork) Families.named("vae").define(Settings.of(SETTINGS), EVENTS.event());
    List<Verdict> verdicts = new ArrayList<>();
    try (Engine engine =
            TorchEngine.open(
                new TorchEngine.Options(new Device(Device.Kind.CPU, 0), Precision.FLOAT32));
        BoundParameters parameters = engine.bind(network.parameters())) {
      network.parameters().initialize(RandomKey.of(2), parameters.values());
      // Weights twice as large as at the start, so that the events differ in probability.
      parameters.values().scale(2);
      priorAsPosterior(parameters);
      BoundModel model = (BoundModel) NetworkModel.bind(network, parameters);
      Batch all = EVENTS.all();
      Moments sums = new Moments();
      Moments gaps = new Moments();
      double[] probabilities = new double[EVENTS.count()];
      for (int repeat = 0; repeat < REPEATS; repeat++) {
        RandomKey key = RandomKey.of(11).fold(repeat);
        double[] iwae = model.iwae(all, SAMPLES, key.fold("iwae"));
        double[] elbo = model.elbo(all, SAMPLES, key.fold("elbo"));
        double sum = 0;
        double gap = 0;
        for (int i = 0; i < iwae.length; i++) {
          double p = Math.exp(iwae[i]);
          sum += p;
          gap += p * (iwae[i] - elbo[i]);
          probabilities[i] += p / REPEATS;
        }
        sums.add(sum);
        gaps.add(gap);
      }
      double tolerance = 5 * sums.standardError() + 1e-6;
      verdicts.add(
          new Verdict(
              "vae",
              "exp(IWAE) of all " + EVENTS.count() + " events sums to 1 on average",
              1,
              sums.mean(),
              tolerance));
      verdicts.add(
          new Verdict("vae", "mean of max(0, ELBO - IWAE) is 0", 0, Math.max(0, -gaps.mean()), 0));
      verdicts.add(
          Frequencies.verdict("vae", model, EVENTS, probabilities, SampleRequest.plain(), DRAWS));
    }
    return verdicts;
  }

  /**
   * An encoder of zeros says q(z | x) = N(0, I) = p(z), under which the importance weights p(x | z)
   * are bounded: those of a random encoder have no finite variance.
   */
  static void priorAsPosterior(BoundParameters parameters) {
    for (ParameterLayout.Parameter parameter : parameters.layout().parameters()) {
      if (parameter.name().startsWith("encoder.")) {
        parameters.values().window(parameter.offset(), parameter.size()).fill(0);
      }
    }
  }
}
