package dev.ancestral.job.verify;

import dev.ancestral.likelihood.Moments;
import dev.ancestral.model.Batch;
import dev.ancestral.model.BoundModel;
import dev.ancestral.model.BoundNetwork;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Families;
import dev.ancestral.model.NetworkModel;
import dev.ancestral.model.Settings;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.TensorMap;
import dev.ancestral.tensor.torch.TorchEngine;
import java.util.List;
import java.util.Map;

/**
 * A VAE without hidden layers and with a Gaussian likelihood is probabilistic principal component
 * analysis: x ~ N(b, W Wᵀ + v I) (Tipping &amp; Bishop 1999, eq. 4). With one latent dimension, by
 * the matrix determinant lemma and the Sherman–Morrison formula,
 *
 * <p>log p(x) = −½ (D log 2πv + log(1 + |w|²/v) + (|x − b|² − (w·(x − b))² / (v + |w|²)) / v).
 */
record LinearGaussianOracle() implements Oracle {
  private static final int D = 4;
  private static final int EXAMPLES = 64;
  private static final int SAMPLES = 20_000;

  @Override
  public List<Verdict> verdicts() {
    Map<String, Object> settings =
        Map.of("hidden", List.of(), "latent", 1, "likelihood", "gaussian");
    BoundNetwork network =
        (BoundNetwork) Families.named("vae").define(Settings.of(settings), EventSpec.continuous(D));
    float[] values = new float[EXAMPLES * D];
    long[] ids = new long[EXAMPLES];
    for (int i = 0; i < EXAMPLES; i++) {
      ids[i] = i;
      RandomKey.of(23).fold(i).fillNormal(0, values, i * D, D);
    }
    try (Engine engine =
            TorchEngine.open(
                new TorchEngine.Options(new Device(Device.Kind.CPU, 0), Precision.FLOAT32));
        BoundParameters parameters = engine.bind(network.parameters())) {
      network.parameters().initialize(RandomKey.of(29), parameters.values());
      BoundOracle.priorAsPosterior(parameters);
      TensorMap weights = parameters.weights();
      double[] w = engine.inference(() -> weights.get("decoder.observation.weight").toDoubles());
      double[] b = engine.inference(() -> weights.get("decoder.observation.bias").toDoubles());
      double v =
          Math.exp(engine.inference(() -> weights.get("decoder.logVariance").toDoubles())[0]);
      BoundModel model = (BoundModel) NetworkModel.bind(network, parameters);
      Batch batch = Batch.of(EventSpec.continuous(D), ids, values);
      double[] iwae = model.iwae(batch, SAMPLES, RandomKey.of(31));
      Moments exact = new Moments();
      Moments estimated = new Moments();
      for (int i = 0; i < EXAMPLES; i++) {
        exact.add(logProb(values, i * D, w, b, v));
        estimated.add(iwae[i]);
      }
      return List.of(
          new Verdict(
              "vae, linear and gaussian",
              "IWAE-" + SAMPLES + " is log p(x) of the closed form, in nats",
              exact.mean(),
              estimated.mean(),
              0.01));
    }
  }

  private static double logProb(float[] x, int offset, double[] w, double[] b, double v) {
    double norm = 0;
    double along = 0;
    double distance = 0;
    for (int d = 0; d < D; d++) {
      double difference = x[offset + d] - b[d];
      norm += w[d] * w[d];
      along += w[d] * difference;
      distance += difference * difference;
    }
    return -0.5
        * (D * Math.log(2 * Math.PI * v)
            + Math.log1p(norm / v)
            + (distance - along * along / (v + norm)) / v);
  }
}
