package dev.ancestral.likelihood;

import dev.ancestral.model.Batch;
import dev.ancestral.model.Decoder;
import dev.ancestral.model.network.NetworkInputs;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * The highest modes of p(z | x) that an ascent from many draws of the prior finds, and the
 * curvature of log p(x, z) there (Laplace's approximation; MacKay 2003, chapter 27).
 *
 * <p>Adam ascends from {@value #STARTS} draws for each example; the best is brought to the top by
 * Newton steps, each tried at several lengths. Second derivatives are central differences of
 * gradients, and a precision is at least that of the prior in every direction.
 *
 * <p>Law: the mode of an example is a function of the key, its id and the number of examples in the
 * batch.
 */
final class PosteriorModes {
  private static final int STARTS = 32; // S
  private static final int ASCENT_STEPS = 150;
  private static final double RATE = 0.1;
  private static final double FIRST_DECAY = 0.9;
  private static final double SECOND_DECAY = 0.99;
  private static final int NEWTON_STEPS = 4;
  private static final int LENGTHS = 8; // of a Newton step: 0, 1, 1/2, 1/4, ...
  private static final double DIFFERENCE = 0.01;
  private static final double PRIOR_PRECISION = 1;
  // Tails of the start must not be lighter than the posterior's, or weights are unbounded.
  private static final double WIDENING = 1.5;

  private final Decoder decoder;
  private final Engine engine;
  private final Batch x;
  private final int examples; // B
  private final int latent; // L

  private PosteriorModes(Decoder decoder, Batch x) {
    this.decoder = decoder;
    this.x = x;
    engine = decoder.engine();
    examples = x.size();
    latent = decoder.latentSize();
  }

  /**
   * Gaussians around the modes of the posteriors of a batch.
   *
   * @param key example id uses {@code key.fold(id)}
   */
  static AnnealingStart gaussians(Decoder decoder, Batch x, RandomKey key) {
    PosteriorModes modes = new PosteriorModes(decoder, x);
    double[] z = modes.ascend(key);
    for (int step = 0; step < NEWTON_STEPS; step++) {
      z = modes.newton(z);
    }
    return AnnealingStart.gaussian(z, modes.precisions(z), WIDENING);
  }

  /** The best ends of the ascents, [B, L]. */
  private double[] ascend(RandomKey key) {
    RandomKey[] starts = new RandomKey[STARTS * examples];
    Arrays.setAll(starts, row -> key.fold(x.ids()[row % examples]).fold(row / examples));
    double[] z = LatentChains.standardNormal(starts, latent); // [S, B, L]
    double[] first = new double[z.length];
    double[] second = new double[z.length];
    Point point = at(z, STARTS);
    for (int step = 1; step <= ASCENT_STEPS; step++) {
      double rate = RATE * 0.5 * (1 + Math.cos(Math.PI * (step - 1) / ASCENT_STEPS));
      double firstLeft = 1 - Math.pow(FIRST_DECAY, step);
      double secondLeft = 1 - Math.pow(SECOND_DECAY, step);
      for (int i = 0; i < z.length; i++) {
        double slope = point.gradient()[i];
        first[i] += (1 - FIRST_DECAY) * (slope - first[i]);
        second[i] += (1 - SECOND_DECAY) * (slope * slope - second[i]);
        z[i] += rate * first[i] / firstLeft / (Math.sqrt(second[i] / secondLeft) + 1e-8);
      }
      point = at(z, STARTS);
    }
    return best(z, point.logJoint(), STARTS);
  }

  /** A Newton step, at the best of several lengths; never downhill. */
  private double[] newton(double[] z) {
    double[] slope = at(z, 1).gradient();
    SymmetricMatrix[] precisions = precisions(z);
    double[] candidates = new double[LENGTHS * z.length];
    for (int b = 0; b < examples; b++) {
      double[] step = precisions[b].solve(slope, b * latent);
      for (int c = 0; c < LENGTHS; c++) {
        double length = c == 0 ? 0 : Math.pow(0.5, c - 1);
        for (int l = 0; l < latent; l++) {
          candidates[(c * examples + b) * latent + l] = z[b * latent + l] + length * step[l];
        }
      }
    }
    return best(candidates, at(candidates, LENGTHS).logJoint(), LENGTHS);
  }

  /** −∇² log p(x, z) of each example, with eigenvalues of at least the prior's. */
  private SymmetricMatrix[] precisions(double[] z) {
    double[] around = new double[2 * latent * z.length]; // [2 L, B, L]
    for (int row = 0; row < 2 * latent; row++) {
      System.arraycopy(z, 0, around, row * z.length, z.length);
      for (int b = 0; b < examples; b++) {
        around[row * z.length + b * latent + row / 2] += row % 2 == 0 ? DIFFERENCE : -DIFFERENCE;
      }
    }
    double[] slopes = at(around, 2 * latent).gradient();
    SymmetricMatrix[] precisions = new SymmetricMatrix[examples];
    for (int b = 0; b < examples; b++) {
      double[][] precision = new double[latent][latent];
      for (int k = 0; k < latent; k++) {
        for (int l = 0; l < latent; l++) {
          int up = 2 * k * z.length + b * latent + l;
          double curvature = (slopes[up + z.length] - slopes[up]) / (2 * DIFFERENCE);
          precision[k][l] += 0.5 * curvature;
          precision[l][k] += 0.5 * curvature;
        }
      }
      precisions[b] = SymmetricMatrix.withFloor(precision, PRIOR_PRECISION);
    }
    return precisions;
  }

  /** Of each example the row with the highest value, [B, L]. */
  private double[] best(double[] z, double[] values, int rows) {
    double[] chosen = new double[examples * latent];
    for (int b = 0; b < examples; b++) {
      int best = 0;
      for (int row = 1; row < rows; row++) {
        // An ascent that left the numbers is never the best.
        if (!(values[best * examples + b] >= values[row * examples + b])
            && !Double.isNaN(values[row * examples + b])) {
          best = row;
        }
      }
      System.arraycopy(z, (best * examples + b) * latent, chosen, b * latent, latent);
    }
    return chosen;
  }

  /** log p(x, z) but for a constant, [K, B], and its gradient, [K, B, L]. */
  private record Point(double[] logJoint, double[] gradient) {}

  private Point at(double[] z, int rows) {
    return engine.inference(
        () -> {
          Tensor observed = NetworkInputs.of(engine, x, List.of(), RandomKey.of(0)).get("x");
          double[][] values = new double[1][];
          Tensor slope =
              engine
                  .gradient(
                      latents -> {
                        Tensor logJoint =
                            decoder
                                .logLikelihood(observed, latents)
                                .sub(latents.square().sum(-1).mul(0.5));
                        values[0] = logJoint.toDoubles();
                        return logJoint.sum();
                      },
                      engine.constant(z, rows, examples, latent))
                  .gradient();
          return new Point(values[0], slope.toDoubles());
        });
  }
}
