package dev.ancestral.oracle;

import dev.ancestral.model.Batch;

/**
 * A VAE with one latent and one hidden layer on each side, by plain arithmetic and the trapezoidal
 * rule over z, which is exact to the last digits for functions that vanish at both ends.
 */
final class LatentQuadrature {
  static final int HIDDEN = 3;
  private static final double RANGE = 11;
  private static final int POINTS = 1101;
  private static final double WIDTH = 2 * RANGE / (POINTS - 1);
  private static final int EVERY = 3; // of the points in double integrals

  private final int elements; // D
  private final int levels; // V; 2 for Bernoulli
  private final double[] encoderWeight;
  private final double[] encoderBias;
  private final double[] posteriorWeight;
  private final double[] posteriorBias;
  private final double[] logScale;
  private final double[][] means; // [POINTS][D]: the decoder's output on the grid

  LatentQuadrature(SmallNetwork vae, int elements, int levels) {
    this.elements = elements;
    this.levels = levels;
    encoderWeight = vae.parameter("encoder.0.weight");
    encoderBias = vae.parameter("encoder.0.bias");
    posteriorWeight = vae.parameter("encoder.posterior.weight");
    posteriorBias = vae.parameter("encoder.posterior.bias");
    logScale = levels > 2 ? vae.parameter("decoder.logScale") : new double[] {0};
    double[] weight = vae.parameter("decoder.0.weight");
    double[] bias = vae.parameter("decoder.0.bias");
    double[] observationWeight = vae.parameter("decoder.observation.weight");
    double[] observationBias = vae.parameter("decoder.observation.bias");
    means = new double[POINTS][];
    for (int g = 0; g < POINTS; g++) {
      double[] hidden = tanh(layer(new double[] {latent(g)}, weight, bias));
      means[g] = layer(hidden, observationWeight, observationBias);
    }
  }

  private static double latent(int g) {
    return -RANGE + g * WIDTH;
  }

  private static double[] layer(double[] input, double[] weight, double[] bias) {
    double[] output = bias.clone();
    for (int i = 0; i < input.length; i++) {
      for (int o = 0; o < output.length; o++) {
        output[o] += input[i] * weight[i * output.length + o];
      }
    }
    return output;
  }

  private static double[] tanh(double[] values) {
    double[] result = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i] = Math.tanh(values[i]);
    }
    return result;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  /** log p(x | z) at a point of the grid. */
  private double logLikelihood(Batch x, int i, int g) {
    double nats = 0;
    for (int d = 0; d < elements; d++) {
      float value = x.values()[i * elements + d];
      double m = means[g][d];
      if (levels == 2) {
        nats += Math.log(value == 1 ? sigmoid(m) : sigmoid(-m));
      } else {
        double half = 1.0 / (levels - 1);
        double place = 2 * half * value - 1 - m;
        double s = Math.exp(logScale[0]);
        double above = value == levels - 1 ? 1 : sigmoid((place + half) / s);
        double below = value == 0 ? 0 : sigmoid((place - half) / s);
        nats += Math.log(above - below);
      }
    }
    return nats;
  }

  /** p(x), [B]. */
  double[] probabilities(Batch x) {
    double[] probabilities = new double[x.size()];
    for (int i = 0; i < probabilities.length; i++) {
      for (int g = 0; g < POINTS; g++) {
        double prior = Math.exp(Normal.logDensity(latent(g), 0, 1));
        probabilities[i] += WIDTH * prior * Math.exp(logLikelihood(x, i, g));
      }
    }
    return probabilities;
  }

  /** Mean and variance of q(z | x). */
  private double[] posterior(Batch x, int i) {
    double[] input = new double[elements];
    for (int d = 0; d < elements; d++) {
      float value = x.values()[i * elements + d];
      input[d] = levels == 2 ? value : 2.0 * value / (levels - 1) - 1;
    }
    double[] q =
        layer(tanh(layer(input, encoderWeight, encoderBias)), posteriorWeight, posteriorBias);
    return new double[] {q[0], Math.exp(q[1])};
  }

  /** E_q log p(x, z) / q(z | x) in nats, [B]. */
  double[] elbo(Batch x) {
    double[] nats = new double[x.size()];
    for (int i = 0; i < nats.length; i++) {
      double[][] draws = weights(x, i, 1);
      for (int g = 0; g < POINTS; g++) {
        nats[i] += WIDTH * draws[0][g] * draws[1][g];
      }
    }
    return nats;
  }

  /** E_q log ((w(z) + w(z')) / 2) of two draws in nats, [B]. */
  double[] ofTwoDraws(Batch x) {
    double[] nats = new double[x.size()];
    for (int i = 0; i < nats.length; i++) {
      double[][] draws = weights(x, i, EVERY);
      for (int g = 0; g < draws[0].length; g++) {
        for (int h = 0; h < draws[0].length; h++) {
          double larger = Math.max(draws[1][g], draws[1][h]);
          double smaller = Math.min(draws[1][g], draws[1][h]);
          double both = larger + Math.log1p(Math.exp(smaller - larger)) - Math.log(2);
          nats[i] += WIDTH * EVERY * draws[0][g] * WIDTH * EVERY * draws[0][h] * both;
        }
      }
    }
    return nats;
  }

  /** q(z | x) and log p(x, z) / q(z | x) on points of the grid. */
  private double[][] weights(Batch x, int i, int every) {
    double[] q = posterior(x, i);
    int points = (POINTS + every - 1) / every;
    double[][] weights = new double[2][points];
    for (int k = 0; k < points; k++) {
      double z = latent(k * every);
      double logQ = Normal.logDensity(z, q[0], q[1]);
      weights[0][k] = Math.exp(logQ);
      weights[1][k] = logLikelihood(x, i, k * every) + Normal.logDensity(z, 0, 1) - logQ;
    }
    return weights;
  }
}
