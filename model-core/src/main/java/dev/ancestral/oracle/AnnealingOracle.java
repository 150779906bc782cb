package dev.ancestral.oracle;

import dev.ancestral.likelihood.AnnealedImportanceSampling;
import dev.ancestral.likelihood.AnnealedImportanceSampling.Effort;
import dev.ancestral.likelihood.AnnealedImportanceSampling.Start;
import dev.ancestral.likelihood.BidirectionalMonteCarlo;
import dev.ancestral.likelihood.KernelDensity;
import dev.ancestral.likelihood.Moments;
import dev.ancestral.model.Batch;
import dev.ancestral.model.Decoder;
import dev.ancestral.model.DecoderModel;
import dev.ancestral.random.RandomKey;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Estimators that see a decoder alone, on one whose log p(x) and posterior are known (see {@link
 * LinearGaussian}).
 *
 * <p>Annealed importance sampling: weights of few temperatures are p(x) on average, inverse weights
 * from posterior draws 1/p(x) (Grosse, Ghahramani &amp; Adams 2015, section 3), and those of many
 * temperatures come to p(x). With a single temperature it is importance sampling, whose effective
 * sample size is (E w)² / E w² of the chains. Kernel density: the average of normal densities
 * around the decoder's means.
 */
record AnnealingOracle() implements Oracle {
  private static final int EXAMPLES = 8;
  private static final int COPIES = 120;
  private static final int FEW_COPIES = 20; // where the search for modes takes the time
  private static final int KERNELS = 700;
  private static final double BANDWIDTH = 0.5;
  private static final int CHAINS = 20_000;

  @Override
  public List<Verdict> verdicts() {
    Laws laws = new Laws("ais and kde, linear gaussian");
    try (LinearGaussian vae = LinearGaussian.withWrongEncoder()) {
      Decoder decoder = ((DecoderModel) vae.model()).decoder();
      Batch x = vae.draws(EXAMPLES, COPIES, RandomKey.of(91));
      for (Start start : Start.values()) {
        int copies = start == Start.MODE ? FEW_COPIES : COPIES;
        weights(laws, vae, decoder, x.slice(0, copies * EXAMPLES), start);
      }
      Batch once = x.slice(0, EXAMPLES);
      double[] nats = vae.logProb(once);
      AnnealedImportanceSampling.Estimate many =
          new AnnealedImportanceSampling(decoder, Effort.of(32, 40).from(Start.MODE))
              .lowerBound(once, RandomKey.of(92));
      laws.equal("AIS of 40 temperatures is log p(x)", nats, many.nats(), 0.05);
      importance(laws, vae, decoder, once);
      simulated(laws, vae, decoder);
      kernels(laws, decoder, once);
    }
    return laws.verdicts();
  }

  private static void weights(
      Laws laws, LinearGaussian vae, Decoder decoder, Batch x, Start start) {
    AnnealedImportanceSampling sampler =
        new AnnealedImportanceSampling(decoder, new Effort(3, 4, 3, start));
    double[] nats = vae.logProb(x);
    double[] lower = sampler.lowerBound(x, RandomKey.of(93)).nats();
    float[] z = vae.posteriorDraws(x, RandomKey.of(94));
    double[] upper = sampler.upperBound(x, z, RandomKey.of(95)).nats();
    double[] forward = new double[lower.length];
    double[] backward = new double[lower.length];
    for (int i = 0; i < lower.length; i++) {
      forward[i] = Math.exp(lower[i] - nats[i]);
      backward[i] = Math.exp(nats[i] - upper[i]);
    }
    double[] one = new double[EXAMPLES];
    Arrays.fill(one, 1);
    String from = " from the " + start.name().toLowerCase(Locale.ROOT);
    laws.means(
        "AIS weights" + from + " are p(x)", one, LinearGaussianOracle.byExample(forward, EXAMPLES));
    laws.means(
        "inverse weights" + from + " are 1/p(x)",
        one,
        LinearGaussianOracle.byExample(backward, EXAMPLES));
  }

  private static void importance(Laws laws, LinearGaussian vae, Decoder decoder, Batch x) {
    AnnealedImportanceSampling.Estimate estimate =
        new AnnealedImportanceSampling(decoder, Effort.of(CHAINS, 1))
            .lowerBound(x, RandomKey.of(96));
    double[] nats = vae.logProb(x);
    double[] second = vae.logSecondMoment(x);
    double[] expected = new double[EXAMPLES];
    double[] found = new double[EXAMPLES];
    for (int i = 0; i < EXAMPLES; i++) {
      expected[i] = 2 * nats[i] - second[i];
      found[i] = Math.log(estimate.effectiveSampleSize()[i] / CHAINS);
    }
    laws.equal("importance sampling is log p(x)", nats, estimate.nats(), 0.25);
    laws.equal("log of its effective share of the chains", expected, found, 0.25);
  }

  private static void simulated(Laws laws, LinearGaussian vae, Decoder decoder) {
    long[] ids = new long[40];
    Arrays.setAll(ids, i -> i);
    BidirectionalMonteCarlo.Sandwich sandwich =
        new BidirectionalMonteCarlo(decoder, Effort.of(2, 25).from(Start.MODE))
            .of(ids, RandomKey.of(97));
    laws.equal("BDMC's bounds meet: mean gap", 0, Moments.of(sandwich.gaps()).mean(), 0.15);
    laws.mean(
        "mean of BDMC's lower bounds is E log p(x)",
        vae.expectedLogProb(),
        Moments.of(sandwich.lower()),
        0.05);
    laws.equal(
        "BDMC's gap is upper minus lower",
        Moments.of(sandwich.upper()).mean() - Moments.of(sandwich.lower()).mean(),
        Moments.of(sandwich.gaps()).mean(),
        1e-9);
  }

  private static void kernels(Laws laws, Decoder decoder, Batch x) {
    RandomKey key = RandomKey.of(98);
    double[] found =
        KernelDensity.of(decoder, KERNELS, key).logDensity(x, 2 * BANDWIDTH, BANDWIDTH)[1];
    double[] expected = LinearGaussian.kernelDensity(x, KERNELS, BANDWIDTH, key);
    // Centers are kept as float32.
    laws.equal("kernel density is a mean of normal densities", expected, found, 1e-4);
  }
}
