package dev.ancestral.likelihood;

import dev.ancestral.model.Batch;
import dev.ancestral.model.Decoder;
import dev.ancestral.random.RandomKey;
import java.util.Arrays;

/**
 * Annealed importance sampling of p(x) = ∫ N(z; 0, I) p(x | z) dz (Neal 2001), along the path
 * f_β(z) = q(z)^(1−β) (N(z; 0, I) p(x | z))^β from a start q (β = 0) to the posterior (β = 1), with
 * Hamiltonian moves (Wu, Burda, Salakhutdinov &amp; Grosse 2017).
 *
 * <p>A chain starts from z ~ q and at each of T inverse temperatures adds (β_t − β_{t−1}) log (N(z;
 * 0, I) p(x | z) / q(z)) to its log weight and moves under f_{β_t}. Weights are unbiased, E w =
 * p(x), so log of their mean over K chains is a <b>stochastic lower bound</b>: at most log p(x) in
 * expectation, and more than log p(x) + b with probability below e^−b. Run backward from an exact
 * draw of the posterior, which only simulated x have, E 1/w = 1/p(x) gives a stochastic upper bound
 * (Grosse, Ghahramani &amp; Adams 2015): see {@link BidirectionalMonteCarlo}.
 *
 * <p>The paper's q is the prior. Differs from the paper: with {@link Start#MODE} it is a widened
 * Gaussian at the highest mode of the posterior that an ascent finds, and moves are made along its
 * axes, so that fewer temperatures are needed. Both are bounds for any q that depends on x alone.
 * What the start does not reach, such as a second mode of the same weight, is missing from the
 * lower bound, and shows in the gap on simulated examples.
 *
 * <p>Step sizes come from a separate run with draws of its own, one size for each example and
 * temperature: it follows the mean acceptance of a few chains towards 65 %. The run that counts
 * uses them as given numbers; adapting within it would cost the weights their unbiasedness.
 *
 * <p>Law: the result of an example is a function of the key, its id and the number of examples in
 * the batch, whichever others those are.
 */
public final class AnnealedImportanceSampling {
  private static final String ADAPTING = "step sizes";
  private static final String FORWARD = "forward";
  private static final String BACKWARD = "backward";
  private static final String MODES = "modes";
  private static final int ADAPTING_CHAINS = 4;
  private static final double TARGET_ACCEPTANCE = 0.65;
  private static final double FIRST_STEP_SIZE = 0.5;
  private static final double ADAPTING_RATE = 0.2;
  // Chains times examples moved at once: enough to keep the arithmetic busy.
  private static final int ROWS_AT_ONCE = 1024;

  /** What chains start from. */
  public enum Start {
    /** N(0, I). */
    PRIOR,
    /** A Gaussian at the highest mode found of the posterior. */
    MODE
  }

  /**
   * How much is computed.
   *
   * @param chains K, for each example
   * @param steps T, inverse temperatures above 0; work grows with it, the bias shrinks
   * @param leapfrogSteps of one move
   * @param start q
   */
  public record Effort(int chains, int steps, int leapfrogSteps, Start start)
      implements java.io.Serializable {
    private static final long serialVersionUID = 1L;

    public Effort {
      if (chains < 1 || steps < 1 || leapfrogSteps < 1) {
        throw new IllegalArgumentException(
            "chains, steps and leapfrogSteps must be at least 1; they are "
                + chains
                + ", "
                + steps
                + " and "
                + leapfrogSteps);
      }
    }

    /** From the prior and with trajectories of 10 leapfrog steps, as Wu et al. */
    public static Effort of(int chains, int steps) {
      return new Effort(chains, steps, 10, Start.PRIOR);
    }

    /** The same from another start. */
    public Effort from(Start other) {
      return new Effort(chains, steps, leapfrogSteps, other);
    }
  }

  /**
   * What the chains of each example say.
   *
   * @param nats the bound on log p(x), [B]
   * @param effectiveSampleSize (Σ w)² / Σ w² over the chains, [B]: from 1, where one chain has all
   *     the weight, to K
   * @param acceptance share of the moves that were accepted on average, [B]
   * @param paretoK of the weights of the chains, [B]: see {@link ImportanceWeights#paretoK}
   */
  public record Estimate(
      double[] nats, double[] effectiveSampleSize, double[] acceptance, double[] paretoK) {}

  private final Decoder decoder;
  private final Effort effort;
  private final double[] beta;

  /** Annealed importance sampling through this decoder. */
  public AnnealedImportanceSampling(Decoder decoder, Effort effort) {
    this.decoder = decoder;
    this.effort = effort;
    beta = AnnealingSchedule.sigmoid(effort.steps());
  }

  /**
   * A stochastic lower bound on log p(x) in nats of each example.
   *
   * @param x of the decoder's event
   * @param key example id uses {@code key.fold(...).fold(id)}
   */
  public Estimate lowerBound(Batch x, RandomKey key) {
    AnnealingStart start = start(x, key);
    double[][] stepSizes = stepSizes(start, x, key);
    double[] acceptance = new double[x.size()];
    ImportanceWeights[] weights = ImportanceWeights.ofEach(x.size(), effort.chains());
    for (int first = 0; first < effort.chains(); first += together(x)) {
      int count = Math.min(together(x), effort.chains() - first);
      LatentChains chains =
          LatentChains.drawn(
              start, decoder, x, first, count, effort.leapfrogSteps(), key.fold(FORWARD));
      double[] logWeight = new double[count * x.size()]; // [K, B]
      for (int t = 1; t <= effort.steps(); t++) {
        addScaled(beta[t] - beta[t - 1], chains.logRatio(), logWeight);
        if (t < effort.steps()) {
          addTo(chains.move(t, beta[t], stepSizes[t]), acceptance);
        }
      }
      addTo(weights, logWeight);
    }
    return estimate(weights, acceptance);
  }

  /**
   * A stochastic upper bound on log p(x) in nats of each example.
   *
   * @param z an exact draw of p(z | x) for each example, [B, L]: the latent that x was made from
   * @param key example id uses {@code key.fold(...).fold(id)}
   */
  public Estimate upperBound(Batch x, float[] z, RandomKey key) {
    AnnealingStart start = start(x, key);
    double[][] stepSizes = stepSizes(start, x, key);
    double[] acceptance = new double[x.size()];
    ImportanceWeights[] weights = ImportanceWeights.ofEach(x.size(), effort.chains());
    for (int first = 0; first < effort.chains(); first += together(x)) {
      int count = Math.min(together(x), effort.chains() - first);
      LatentChains chains =
          LatentChains.from(
              z, start, decoder, x, first, count, effort.leapfrogSteps(), key.fold(BACKWARD));
      double[] logWeight = new double[count * x.size()]; // [K, B], of 1 / w
      for (int t = effort.steps(); t >= 1; t--) {
        if (t < effort.steps()) {
          addTo(chains.move(t, beta[t], stepSizes[t]), acceptance);
        }
        addScaled(beta[t - 1] - beta[t], chains.logRatio(), logWeight);
      }
      addTo(weights, logWeight);
    }
    Estimate inverse = estimate(weights, acceptance);
    return new Estimate(
        Arrays.stream(inverse.nats()).map(nats -> -nats).toArray(),
        inverse.effectiveSampleSize(),
        inverse.acceptance(),
        inverse.paretoK());
  }

  private AnnealingStart start(Batch x, RandomKey key) {
    return switch (effort.start()) {
      case PRIOR -> AnnealingStart.prior(x.size(), decoder.latentSize());
      case MODE -> PosteriorModes.gaussians(decoder, x, key.fold(MODES));
    };
  }

  /** The size of a leapfrog step at each temperature for each example, [T + 1][B]. */
  double[][] stepSizes(AnnealingStart start, Batch x, RandomKey key) {
    int few = ADAPTING_CHAINS;
    LatentChains chains =
        LatentChains.drawn(start, decoder, x, 0, few, effort.leapfrogSteps(), key.fold(ADAPTING));
    double[] size = new double[x.size()];
    Arrays.fill(size, FIRST_STEP_SIZE);
    double[][] sizes = new double[effort.steps() + 1][];
    for (int t = 1; t < effort.steps(); t++) {
      sizes[t] = size.clone();
      double[] acceptance = chains.move(t, beta[t], size);
      for (int b = 0; b < size.length; b++) {
        double mean = 0;
        for (int k = 0; k < few; k++) {
          mean += acceptance[k * size.length + b] / few;
        }
        size[b] *= Math.exp(ADAPTING_RATE * (mean - TARGET_ACCEPTANCE));
      }
    }
    return sizes;
  }

  private int together(Batch x) {
    return Math.min(effort.chains(), Math.max(1, ROWS_AT_ONCE / x.size()));
  }

  private Estimate estimate(ImportanceWeights[] weights, double[] acceptance) {
    for (int b = 0; b < acceptance.length; b++) {
      acceptance[b] /= (double) effort.chains() * Math.max(1, effort.steps() - 1);
    }
    return new Estimate(
        Arrays.stream(weights).mapToDouble(ImportanceWeights::logMean).toArray(),
        Arrays.stream(weights).mapToDouble(ImportanceWeights::effectiveSampleSize).toArray(),
        acceptance,
        Arrays.stream(weights).mapToDouble(ImportanceWeights::paretoK).toArray());
  }

  private static void addScaled(double factor, double[] values, double[] into) {
    for (int i = 0; i < into.length; i++) {
      into[i] += factor * values[i];
    }
  }

  /** Adds the acceptance of every chain to its example's. */
  private static void addTo(double[] ofChains, double[] ofExamples) {
    for (int row = 0; row < ofChains.length; row++) {
      ofExamples[row % ofExamples.length] += ofChains[row];
    }
  }

  /** Adds the weight of every chain to its example's. */
  private static void addTo(ImportanceWeights[] ofExamples, double[] ofChains) {
    for (int row = 0; row < ofChains.length; row++) {
      ofExamples[row % ofExamples.length].add(ofChains[row]);
    }
  }
}
