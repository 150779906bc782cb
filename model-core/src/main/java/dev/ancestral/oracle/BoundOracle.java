package dev.ancestral.oracle;

import dev.ancestral.likelihood.AnnealedImportanceSampling;
import dev.ancestral.likelihood.AnnealedImportanceSampling.Effort;
import dev.ancestral.likelihood.AnnealedImportanceSampling.Start;
import dev.ancestral.model.Batch;
import dev.ancestral.model.BoundModel;
import dev.ancestral.model.DecoderModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.random.RandomKey;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A VAE of a few discrete elements with one latent, against quadrature over the latent: its bounds
 * are those of its encoder, for each of all events; the weights of annealed importance sampling are
 * p(x) on average (Neal 2001, eq. 11); and it draws what it scores.
 *
 * <p>The encoder depends on x and is wider than the prior, so that no weight is unbounded.
 *
 * @param likelihood of an element
 */
record BoundOracle(String likelihood, int levels, int elements) implements Oracle {
  private static final int COPIES = 1500;
  private static final int CHAINS_COPIES = 60;
  private static final int DRAWS = 20_000;

  @Override
  public List<String> families() {
    return List.of("vae");
  }

  @Override
  public List<Verdict> verdicts() {
    Laws laws = new Laws("vae, " + likelihood);
    EnumeratedEvents events = new EnumeratedEvents(EventSpec.discrete(levels, elements), 1);
    Map<String, Object> settings =
        Map.of("hidden", List.of(LatentQuadrature.HIDDEN), "latent", 1, "likelihood", likelihood);
    RandomKey key = RandomKey.of(81);
    try (SmallNetwork vae = SmallNetwork.of("vae", settings, events.event())) {
      vae.random("encoder.0.weight", 1, key.fold(0))
          .random("encoder.0.bias", 1, key.fold(1))
          .random("encoder.posterior.weight", 0.15, key.fold(2))
          .with("encoder.posterior.bias", 0.3, 0.4)
          .random("decoder.0.bias", 1, key.fold(3))
          .random("decoder.observation.bias", 1, key.fold(4));
      LatentQuadrature quadrature = new LatentQuadrature(vae, elements, levels);
      Batch all = events.all();
      double[] probabilities = quadrature.probabilities(all);
      laws.equal(
          "quadrature over all events sums to 1", 1, Arrays.stream(probabilities).sum(), 1e-9);
      bounds(laws, quadrature, (BoundModel) vae.model(), all);
      annealed(laws, (DecoderModel) vae.model(), all, probabilities);
      laws.add(
          Frequencies.verdict(
              "vae, " + likelihood,
              "",
              vae.model(),
              events,
              probabilities,
              SampleRequest.plain(),
              DRAWS));
    }
    return laws.verdicts();
  }

  private static void bounds(Laws laws, LatentQuadrature quadrature, BoundModel model, Batch all) {
    Batch x = LinearGaussian.copies(all, COPIES);
    laws.means(
        "ELBO of each event",
        quadrature.elbo(all),
        LinearGaussianOracle.byExample(model.elbo(x, 2, RandomKey.of(82)), all.size()));
    laws.means(
        "IWAE-2 of each event",
        quadrature.ofTwoDraws(all),
        LinearGaussianOracle.byExample(model.iwae(x, 2, RandomKey.of(83)), all.size()));
  }

  private static void annealed(Laws laws, DecoderModel model, Batch all, double[] probabilities) {
    Batch x = LinearGaussian.copies(all, CHAINS_COPIES);
    Effort effort = new Effort(3, 4, 3, Start.PRIOR);
    double[] nats =
        new AnnealedImportanceSampling(model.decoder(), effort)
            .lowerBound(x, RandomKey.of(84))
            .nats();
    laws.means(
        "AIS weights of each event",
        probabilities,
        LinearGaussianOracle.byExample(Arrays.stream(nats).map(Math::exp).toArray(), all.size()));
  }
}
