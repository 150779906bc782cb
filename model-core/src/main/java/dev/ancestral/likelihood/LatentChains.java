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
 * Markov chains of the latents of some examples, all moved at once by Hamiltonian Monte Carlo (Neal
 * 2011, section 5.3) under the density f_β(u) ∝ N(u; 0, I) exp(β r(u)) of their coordinates u: see
 * {@link AnnealingStart}.
 *
 * <p>K chains for each of B examples; chain (k, b) is row k · B + b, and has L coordinates. A
 * trajectory has a fixed number of leapfrog steps, whose size is jittered by up to a fifth at
 * random for each chain and move: no orbit is then periodic, and as the jitter does not depend on
 * the state, f_β stays invariant.
 *
 * <p>Law: where chain k of example id goes in move t is a function of (key, id, k, t), its state, β
 * and its step size alone.
 */
final class LatentChains {
  private static final String START = "start";
  private static final String MOMENTUM = "momentum";
  private static final String DECISION = "decision";
  private static final double JITTER = 0.2;

  private final Decoder decoder;
  private final Engine engine;
  private final Batch x;
  private final int chains; // K
  private final int rows; // K · B
  private final int latent; // L
  private final int leapfrogSteps;
  private final RandomKey[] momentumKeys; // [K · B]
  private final RandomKey[] decisionKeys; // [K · B]
  private final AnnealingStart start;
  private final double[] u; // [K, B, L]
  private final double[] gradient; // ∇ r(u), [K, B, L]
  private double[] logRatio; // r(u), [K, B]

  private LatentChains(
      AnnealingStart start,
      Decoder decoder,
      Batch x,
      int firstChain,
      int chains,
      int leapfrogSteps,
      RandomKey key,
      double[] u) {
    this.start = start;
    this.decoder = decoder;
    this.x = x;
    this.chains = chains;
    this.leapfrogSteps = leapfrogSteps;
    this.u = u;
    engine = decoder.engine();
    rows = chains * x.size();
    latent = decoder.latentSize();
    momentumKeys = keys(x, firstChain, chains, key, MOMENTUM);
    decisionKeys = keys(x, firstChain, chains, key, DECISION);
    gradient = new double[u.length];
    logRatio = new double[rows];
    engine.inference(
        () -> {
          Point point = differentiate(observations(), tensor(u, latent), true);
          logRatio = point.logRatio();
          System.arraycopy(point.gradient().toDoubles(), 0, gradient, 0, u.length);
          return null;
        });
  }

  /**
   * Chains that start from draws of q, u ~ N(0, I).
   *
   * @param firstChain number of the first chain, for its key
   */
  static LatentChains drawn(
      AnnealingStart start,
      Decoder decoder,
      Batch x,
      int firstChain,
      int chains,
      int leapfrogSteps,
      RandomKey key) {
    double[] u = standardNormal(keys(x, firstChain, chains, key, START), decoder.latentSize());
    return new LatentChains(start, decoder, x, firstChain, chains, leapfrogSteps, key, u);
  }

  /** A draw of N(0, I) for each key, [keys, L]. */
  static double[] standardNormal(RandomKey[] keys, int latent) {
    double[] draws = new double[keys.length * latent];
    float[] normal = new float[latent];
    for (int row = 0; row < keys.length; row++) {
      keys[row].fillNormal(0, normal, 0, latent);
      for (int l = 0; l < latent; l++) {
        draws[row * latent + l] = normal[l];
      }
    }
    return draws;
  }

  /**
   * Chains that all start from one latent for each example.
   *
   * @param z [B, L]
   */
  static LatentChains from(
      float[] z,
      AnnealingStart start,
      Decoder decoder,
      Batch x,
      int firstChain,
      int chains,
      int leapfrogSteps,
      RandomKey key) {
    double[] coordinates = start.coordinates(z);
    double[] u = new double[chains * z.length];
    for (int i = 0; i < u.length; i++) {
      u[i] = coordinates[i % z.length];
    }
    return new LatentChains(start, decoder, x, firstChain, chains, leapfrogSteps, key, u);
  }

  /** r(u) in nats of every chain, [K, B]. */
  double[] logRatio() {
    return logRatio;
  }

  /** The coordinates, [K, B, L]; the latents where the chains started from the prior. */
  double[] u() {
    return u;
  }

  /**
   * Moves every chain once, leaving f_β invariant.
   *
   * @param move number of the move, for its draws
   * @param stepSize of the leapfrog for each example, [B]
   * @return the probability of acceptance that each chain had, [K, B]
   */
  double[] move(long move, double beta, double[] stepSize) {
    double[] momentum = new double[u.length];
    double[] epsilon = new double[rows];
    double[] threshold = new double[rows];
    draw(move, stepSize, momentum, epsilon, threshold);
    return engine.inference(
        () -> {
          Tensor observed = observations();
          Tensor step = engine.constant(epsilon, chains, x.size(), 1); // [K, B, 1]
          Tensor position = tensor(u, latent); // [K, B, L]
          Tensor p = tensor(momentum, latent); // [K, B, L]
          double[] before = energy(position, p);
          Tensor force = tensor(gradient, latent).mul(beta).sub(position); // ∇ log f_β
          p = p.add(force.mul(step.mul(0.5)));
          Point point = null;
          for (int l = 1; l <= leapfrogSteps; l++) {
            boolean last = l == leapfrogSteps;
            position = position.add(p.mul(step));
            point = differentiate(observed, position, last);
            force = point.gradient().mul(beta).sub(position);
            p = p.add(force.mul(last ? step.mul(0.5) : step));
          }
          double[] after = energy(position, p);
          double[] acceptance = new double[rows];
          for (int row = 0; row < rows; row++) {
            double gain = before[row] - after[row] + beta * (point.logRatio()[row] - logRatio[row]);
            // A trajectory that left the numbers is refused.
            acceptance[row] = Double.isNaN(gain) ? 0 : Math.min(1, Math.exp(gain));
          }
          accept(acceptance, threshold, position.toDoubles(), point);
          return acceptance;
        });
  }

  private void draw(
      long move, double[] stepSize, double[] momentum, double[] epsilon, double[] threshold) {
    float[] normal = new float[latent];
    for (int row = 0; row < rows; row++) {
      momentumKeys[row].fillNormal(move * latent, normal, 0, latent);
      for (int l = 0; l < latent; l++) {
        momentum[row * latent + l] = normal[l];
      }
      double jitter = 1 + JITTER * (2 * decisionKeys[row].uniform(2 * move) - 1);
      epsilon[row] = stepSize[row % x.size()] * jitter;
      threshold[row] = decisionKeys[row].uniform(2 * move + 1);
    }
  }

  private void accept(double[] acceptance, double[] threshold, double[] proposed, Point point) {
    double[] slope = point.gradient().toDoubles();
    for (int row = 0; row < rows; row++) {
      if (threshold[row] < acceptance[row]) {
        System.arraycopy(proposed, row * latent, u, row * latent, latent);
        System.arraycopy(slope, row * latent, gradient, row * latent, latent);
        logRatio[row] = point.logRatio()[row];
      }
    }
  }

  /** ½ |p|² + ½ |u|², [K, B]: the energy but for r. */
  private static double[] energy(Tensor u, Tensor p) {
    return u.square().add(p.square()).sum(-1).mul(0.5).toDoubles();
  }

  /** r(u), [K, B] (null if it is not asked for), and its gradient, [K, B, L]. */
  private record Point(double[] logRatio, Tensor gradient) {}

  private Point differentiate(Tensor observed, Tensor at, boolean withValues) {
    double[][] values = new double[1][];
    Tensor slope =
        engine
            .gradient(
                coordinates -> {
                  Tensor z = start.latents(engine, coordinates); // [K, B, L]
                  Tensor perChain = // [K, B]
                      start.logRatio(engine, decoder.logLikelihood(observed, z), coordinates, z);
                  if (withValues) {
                    values[0] = perChain.toDoubles();
                  }
                  return perChain.sum(); // chains do not touch, so each gets its own gradient
                },
                at)
            .gradient();
    return new Point(values[0], slope);
  }

  private Tensor observations() {
    return NetworkInputs.of(engine, x, List.of(), RandomKey.of(0)).get("x");
  }

  private Tensor tensor(double[] values, int width) {
    return engine.constant(values, chains, x.size(), width);
  }

  private static RandomKey[] keys(
      Batch x, int firstChain, int chains, RandomKey key, String purpose) {
    RandomKey[] keys = new RandomKey[chains * x.size()];
    Arrays.setAll(
        keys,
        row ->
            key.fold(x.ids()[row % x.size()])
                .fold(firstChain + (long) (row / x.size()))
                .fold(purpose));
    return keys;
  }
}
