package dev.ancestral.job.verify;

import dev.ancestral.likelihood.AnnealedImportanceSampling;
import dev.ancestral.likelihood.BidirectionalMonteCarlo;
import dev.ancestral.likelihood.KernelDensity;
import dev.ancestral.likelihood.Moments;
import dev.ancestral.model.Batch;
import dev.ancestral.model.BoundModel;
import dev.ancestral.model.BoundNetwork;
import dev.ancestral.model.Decoder;
import dev.ancestral.model.DecoderModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Families;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.model.NetworkModel;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.Settings;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.BoundParameters;
import dev.ancestral.tensor.Device;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.Precision;
import dev.ancestral.tensor.TensorMap;
import dev.ancestral.tensor.torch.TorchEngine;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * A VAE without hidden layers and with a Gaussian likelihood is probabilistic principal component
 * analysis: x ~ N(b, W Wᵀ + v I) (Tipping &amp; Bishop 1999, eq. 4). With one latent dimension, by
 * the matrix determinant lemma and the Sherman–Morrison formula,
 *
 * <p>On draws of the model ELBO ≤ IWAE ≤ log p(x) = AIS, the two directions of AIS meet, and a
 * kernel density of the wrong width lies below.
 *
 * <p>log p(x) = −½ (D log 2πv + log(1 + |w|²/v) + (|x − b|² − (w·(x − b))² / (v + |w|²)) / v).
 */
record LinearGaussianOracle() implements Oracle {
  private static final String SUBJECT = "vae, linear and gaussian";
  private static final int D = 4;
  private static final int EXAMPLES = 64;
  private static final int SAMPLES = 20_000;
  private static final int FEW_SAMPLES = 5;
  private static final int KERNELS = 2000;
  private static final double BANDWIDTH = 0.5; // the deviation of x given z is 1
  private static final AnnealedImportanceSampling.Effort EFFORT =
      AnnealedImportanceSampling.Effort.of(16, 100);

  @Override
  public List<Verdict> verdicts() {
    Map<String, Object> settings =
        Map.of("hidden", List.of(), "latent", 1, "likelihood", "gaussian");
    BoundNetwork network =
        (BoundNetwork) Families.named("vae").define(Settings.of(settings), EventSpec.continuous(D));
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
      GenerativeModel model = NetworkModel.bind(network, parameters);
      Batch x =
          model.sample(
              LongStream.range(0, EXAMPLES).toArray(), RandomKey.of(23), SampleRequest.plain());
      Moments exact = new Moments();
      for (int i = 0; i < EXAMPLES; i++) {
        exact.add(logProb(x.values(), i * D, w, b, v));
      }
      List<Verdict> verdicts = new ArrayList<>(bounds((BoundModel) model, x, exact.mean()));
      verdicts.addAll(throughTheDecoder(((DecoderModel) model).decoder(), x, exact.mean()));
      return verdicts;
    }
  }

  private static List<Verdict> bounds(BoundModel model, Batch x, double exact) {
    double elbo = mean(model.elbo(x, SAMPLES, RandomKey.of(30)));
    double few = 0;
    int repeats = SAMPLES / FEW_SAMPLES / 10;
    for (int repeat = 0; repeat < repeats; repeat++) {
      few += mean(model.iwae(x, FEW_SAMPLES, RandomKey.of(32).fold(repeat))) / repeats;
    }
    return List.of(
        new Verdict(
            SUBJECT,
            "IWAE-" + SAMPLES + " is log p(x) of the closed form, in nats",
            exact,
            mean(model.iwae(x, SAMPLES, RandomKey.of(31))),
            0.01),
        new Verdict(
            SUBJECT, "max(0, ELBO - IWAE-" + FEW_SAMPLES + ") is 0", 0, above(elbo, few), 0),
        new Verdict(
            SUBJECT, "max(0, IWAE-" + FEW_SAMPLES + " - log p(x)) is 0", 0, above(few, exact), 0));
  }

  private static List<Verdict> throughTheDecoder(Decoder decoder, Batch x, double exact) {
    double annealed =
        mean(
            new AnnealedImportanceSampling(decoder, EFFORT).lowerBound(x, RandomKey.of(33)).nats());
    double gap =
        mean(new BidirectionalMonteCarlo(decoder, EFFORT).of(x.ids(), RandomKey.of(34)).gaps());
    double kernels =
        mean(KernelDensity.of(decoder, KERNELS, RandomKey.of(35)).logDensity(x, BANDWIDTH)[0]);
    return List.of(
        new Verdict(SUBJECT, "AIS is log p(x) of the closed form, in nats", exact, annealed, 0.02),
        new Verdict(SUBJECT, "BDMC's bounds meet: their gap, in nats, is 0", 0, gap, 0.05),
        new Verdict(SUBJECT, "max(0, kernel density - AIS) is 0", 0, above(kernels, annealed), 0));
  }

  private static double above(double a, double b) {
    return Math.max(0, a - b);
  }

  private static double mean(double[] nats) {
    return Moments.of(nats).mean();
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
