package dev.ancestral.oracle;

import dev.ancestral.likelihood.Moments;
import dev.ancestral.model.Batch;
import dev.ancestral.model.Network;
import dev.ancestral.model.network.NetworkInputs;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.TensorMap;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Bounds of a {@link LinearGaussian} VAE.
 *
 * <p>With an encoder that holds the posterior every importance weight is p(x), so that IWAE-1 is
 * log p(x) on every draw, and the ELBO is log p(x) on average. With an encoder that is wrong by
 * known numbers the ELBO is log p(x) − KL(q ‖ posterior) on average, a weight is p(x) on average,
 * and IWAE of many draws comes to log p(x). Training maximises the same numbers; its sleep phase
 * adds log q(z | x), which is minus the posterior's entropy on average.
 */
record LinearGaussianOracle() implements Oracle {
  private static final int EXAMPLES = 8;
  private static final int COPIES = 2000;
  private static final int SAMPLES = 3;
  private static final int MANY = 40_000;
  private static final double SLEEP = 0.5;
  // Weights are float32.
  private static final double TOLERANCE = 1e-5;

  @Override
  public List<String> families() {
    return List.of("vae");
  }

  @Override
  public List<Verdict> verdicts() {
    Laws laws = new Laws("vae, linear and gaussian");
    right(laws);
    wrong(laws);
    for (String objective : new String[] {"elbo", "iwae"}) {
      training(laws, objective);
    }
    return laws.verdicts();
  }

  private static void right(Laws laws) {
    try (LinearGaussian vae = LinearGaussian.withPosterior()) {
      Batch x = vae.draws(EXAMPLES, COPIES, RandomKey.of(71));
      double[] nats = vae.logProb(x);
      laws.equal(
          "IWAE-1 of q = posterior is log p(x) on each draw",
          nats,
          vae.model().iwae(x, 1, RandomKey.of(72)),
          TOLERANCE);
      double[] elbo = vae.model().elbo(x, SAMPLES, RandomKey.of(73));
      laws.means("ELBO of q = posterior is log p(x)", first(nats), byExample(elbo));
    }
  }

  private static void wrong(Laws laws) {
    try (LinearGaussian vae = LinearGaussian.withWrongEncoder()) {
      Batch x = vae.draws(EXAMPLES, COPIES, RandomKey.of(74));
      double[] nats = vae.logProb(x);
      double[] elbo = vae.model().elbo(x, SAMPLES, RandomKey.of(75));
      double[] divergence = vae.divergence(x);
      double[] expected = first(nats);
      for (int i = 0; i < expected.length; i++) {
        expected[i] -= divergence[i];
      }
      laws.means("ELBO of a wrong q is log p(x) - KL(q, posterior)", expected, byExample(elbo));
      double[] weights = vae.model().iwae(x, SAMPLES, RandomKey.of(76));
      for (int i = 0; i < weights.length; i++) {
        weights[i] = Math.exp(weights[i] - nats[i]);
      }
      double[] one = new double[EXAMPLES];
      Arrays.fill(one, 1);
      laws.means("exp(IWAE-" + SAMPLES + ") of a wrong q is p(x)", one, byExample(weights));
      Batch once = x.slice(0, EXAMPLES);
      laws.equal(
          "IWAE-" + MANY + " of a wrong q is log p(x)",
          first(nats),
          vae.model().iwae(once, MANY, RandomKey.of(77)),
          0.05);
    }
  }

  /** What training maximises, with a sleep phase. */
  private static void training(Laws laws, String objective) {
    try (LinearGaussian vae =
        LinearGaussian.withPosterior(
            Map.of("objective", objective, "samples", SAMPLES, "sleep", SLEEP))) {
      Batch x = vae.draws(EXAMPLES, COPIES, RandomKey.of(78));
      Network.Player player = vae.network().network().players().get(0);
      TensorMap inputs =
          NetworkInputs.of(vae.network().engine(), x, player.noise(), RandomKey.of(79));
      double[] values =
          vae.network()
              .engine()
              .inference(
                  () ->
                      player
                          .objective()
                          .of(vae.network().parameters().weights(), inputs)
                          .toDoubles());
      double[] expected = first(vae.logProb(x));
      for (int i = 0; i < expected.length; i++) {
        expected[i] += SLEEP * vae.negativeEntropy();
      }
      laws.means("objective " + objective + " with a sleep phase", expected, byExample(values));
    }
  }

  static double[] first(double[] values) {
    return Arrays.copyOf(values, EXAMPLES);
  }

  /** The values of each example over its copies. */
  private static Moments[] byExample(double[] values) {
    return byExample(values, EXAMPLES);
  }

  /** The values of each of some examples over its copies. */
  static Moments[] byExample(double[] values, int examples) {
    Moments[] moments = new Moments[examples];
    Arrays.setAll(moments, i -> new Moments());
    for (int i = 0; i < values.length; i++) {
      moments[i % examples].add(values[i]);
    }
    return moments;
  }
}
