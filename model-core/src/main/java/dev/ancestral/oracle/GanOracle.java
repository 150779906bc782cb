package dev.ancestral.oracle;

import dev.ancestral.likelihood.Moments;
import dev.ancestral.model.Batch;
import dev.ancestral.model.Decoder;
import dev.ancestral.model.DecoderModel;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.SampleRequest;
import dev.ancestral.model.network.NetworkInputs;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * A GAN whose generator is linear, x = z W + b: draws have mean b and covariance WᵀW, and the
 * distribution by which it is scored is N(G(z), s² I) given z. With one latent and levels its draws
 * are tanh(z w + b) rounded, whose probabilities are differences of the normal distribution
 * function; and s is a share of all levels.
 */
record GanOracle() implements Oracle {
  private static final int D = 3;
  private static final int L = 2;
  private static final double[] W = {0.5, -1, 0.25, 1, 0.75, -0.5};
  private static final double[] B = {0.25, -0.5, 1};
  private static final double SCALE = 0.4;
  private static final int LEVELS = 5;
  private static final double SLOPE = 0.75;
  private static final double OFFSET = 0.25;
  private static final int DRAWS = 20_000;
  private static final double TOLERANCE = 1e-9;

  @Override
  public List<String> families() {
    return List.of("gan");
  }

  @Override
  public List<Verdict> verdicts() {
    Laws laws = new Laws("gan");
    continuous(laws);
    discrete(laws);
    return laws.verdicts();
  }

  private static void continuous(Laws laws) {
    try (SmallNetwork gan = SmallNetwork.of("gan", settings(L), EventSpec.continuous(D))) {
      gan.with("generator.output.weight", W).with("generator.output.bias", B);
      float[] z = {0.5f, -1.5f, 2, 0.25f, 0, 0};
      float[] x = {0.3f, -0.8f, 2, 1, 1, -1, 0, 0.5f, 0.25f};
      double[] expected = new double[3];
      for (int i = 0; i < expected.length; i++) {
        for (int d = 0; d < D; d++) {
          double mean = B[d] + z[i * L] * W[d] + z[i * L + 1] * W[D + d];
          expected[i] += Normal.logDensity(x[i * D + d], mean, SCALE * SCALE);
        }
      }
      Decoder decoder = ((DecoderModel) gan.model()).decoder();
      laws.equal(
          "log p(x | z) is normal around G(z)",
          expected,
          logLikelihood(decoder, Batch.of(decoder.event(), new long[] {0, 1, 2}, x), z),
          TOLERANCE);
      draws(laws, gan);
      observations(laws, decoder);
    }
  }

  private static Map<String, Object> settings(int latent) {
    return Map.of("hidden", List.of(), "latent", latent, "observationScale", SCALE);
  }

  private static double[] logLikelihood(Decoder decoder, Batch x, float[] z) {
    return decoder
        .engine()
        .inference(
            () -> {
              Tensor observed =
                  NetworkInputs.of(decoder.engine(), x, List.of(), RandomKey.of(0)).get("x");
              Tensor latent =
                  decoder.engine().constant(z, 1, x.size(), z.length / x.size()); // [1, B, L]
              return decoder.logLikelihood(observed, latent).toDoubles();
            });
  }

  /** First and second moments of draws. */
  private static void draws(Laws laws, SmallNetwork gan) {
    long[] ids = LongStream.range(0, DRAWS).toArray();
    float[] x = gan.model().sample(ids, RandomKey.of(101), SampleRequest.plain()).values();
    laws.means("means and covariances of draws", moments(0), moments(x));
  }

  /** x ~ p(x | z) with z ~ N(0, I) has the variance of the noise besides. */
  private static void observations(Laws laws, Decoder decoder) {
    float[] z = new float[DRAWS * L];
    float[] noise = new float[DRAWS * D];
    RandomKey.of(102).fillNormal(0, z, 0, z.length);
    RandomKey.of(103).fillNormal(0, noise, 0, noise.length);
    float[] x =
        decoder
            .engine()
            .inference(
                () ->
                    decoder
                        .observe(
                            decoder.engine().constant(z, DRAWS, L),
                            decoder.engine().constant(noise, DRAWS, D))
                        .toFloats());
    laws.means("means and covariances with noise", moments(SCALE * SCALE), moments(x));
  }

  /** b, then WᵀW + variance I. */
  private static double[] moments(double variance) {
    double[] moments = Arrays.copyOf(B, D + D * D);
    for (int i = 0; i < D; i++) {
      for (int j = 0; j < D; j++) {
        moments[D + i * D + j] = W[i] * W[j] + W[D + i] * W[D + j] + (i == j ? variance : 0);
      }
    }
    return moments;
  }

  private static Moments[] moments(float[] x) {
    Moments[] moments = new Moments[D + D * D];
    Arrays.setAll(moments, i -> new Moments());
    for (int n = 0; n < x.length; n += D) {
      for (int i = 0; i < D; i++) {
        moments[i].add(x[n + i]);
        for (int j = 0; j < D; j++) {
          moments[D + i * D + j].add((x[n + i] - B[i]) * (x[n + j] - B[j]));
        }
      }
    }
    return moments;
  }

  private static void discrete(Laws laws) {
    EventSpec event = EventSpec.discrete(LEVELS, 1);
    try (SmallNetwork gan = SmallNetwork.of("gan", settings(1), event)) {
      gan.with("generator.output.weight", SLOPE).with("generator.output.bias", OFFSET);
      double top = LEVELS - 1;
      double[] probabilities = new double[LEVELS];
      double below = 0;
      for (int level = 0; level < LEVELS; level++) {
        // Level k is what lies below k + ½, where tanh(z w + b) = 2 (k + ½) / top − 1.
        double y = 2 * (level + 0.5) / top - 1;
        double raw = 0.5 * Math.log((1 + y) / (1 - y));
        double upTo = level == LEVELS - 1 ? 1 : Normal.cumulative((raw - OFFSET) / SLOPE);
        probabilities[level] = upTo - below;
        below = upTo;
      }
      laws.add(
          Frequencies.verdict(
              "gan",
              "",
              gan.model(),
              new EnumeratedEvents(event, 1),
              probabilities,
              SampleRequest.plain(),
              DRAWS));
      float[] z = {0.5f, -2};
      float[] x = {3, 1};
      double[] expected = new double[2];
      for (int i = 0; i < 2; i++) {
        double mean = (Math.tanh(z[i] * SLOPE + OFFSET) + 1) * top / 2;
        expected[i] = Normal.logDensity(x[i], mean, SCALE * top * SCALE * top);
      }
      Decoder decoder = ((DecoderModel) gan.model()).decoder();
      laws.equal(
          "log p(x | z) of levels",
          expected,
          logLikelihood(decoder, Batch.of(event, new long[] {0, 1}, x), z),
          TOLERANCE);
    }
  }
}
