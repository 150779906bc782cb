package dev.ancestral.likelihood;

import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.Tensor;

/**
 * The Gaussians q(z | x) from which annealed importance sampling starts: z = μ + A u with u ~ N(0,
 * I), one for each example.
 *
 * <p>Chains live in u. With r(u) = log N(z; 0, I) + log p(x | z) + log |det A| − log N(u; 0, I) the
 * annealed densities are f_β(u) ∝ N(u; 0, I) exp(β r(u)): q at β = 0 and the posterior at β = 1,
 * whatever μ and A are. From the prior, r is the log-likelihood.
 */
final class AnnealingStart {
  private final int examples; // B
  private final int latent; // L
  private final double[] mean; // μ [B, L]; null for the prior
  private final double[] axes; // A [B, L, L]
  private final double[] inverse; // A⁻¹ [B, L, L]
  private final double[] logDeterminant; // log |det A| [B]

  private AnnealingStart(
      int examples,
      int latent,
      double[] mean,
      double[] axes,
      double[] inverse,
      double[] logDeterminant) {
    this.examples = examples;
    this.latent = latent;
    this.mean = mean;
    this.axes = axes;
    this.inverse = inverse;
    this.logDeterminant = logDeterminant;
  }

  /** The prior: u is z. */
  static AnnealingStart prior(int examples, int latent) {
    return new AnnealingStart(examples, latent, null, null, null, null);
  }

  /**
   * Gaussians around a point of each example.
   *
   * @param mean μ [B, L]
   * @param precisions inverse covariances but for {@code widening}, one for each example
   * @param widening by how much the variances exceed the inverse precisions
   */
  static AnnealingStart gaussian(double[] mean, SymmetricMatrix[] precisions, double widening) {
    int examples = precisions.length;
    int latent = mean.length / examples;
    double[] axes = new double[examples * latent * latent];
    double[] inverse = new double[axes.length];
    double[] logDeterminant = new double[examples];
    for (int b = 0; b < examples; b++) {
      for (int k = 0; k < latent; k++) {
        double scale = Math.sqrt(widening / precisions[b].eigenvalue(k));
        logDeterminant[b] += Math.log(scale);
        for (int l = 0; l < latent; l++) {
          double component = precisions[b].eigenvector(l, k);
          axes[(b * latent + l) * latent + k] = component * scale;
          inverse[(b * latent + k) * latent + l] = component / scale;
        }
      }
    }
    return new AnnealingStart(examples, latent, mean, axes, inverse, logDeterminant);
  }

  /** z [K, B, L] of u [K, B, L]. */
  Tensor latents(Engine engine, Tensor u) {
    if (mean == null) {
      return u;
    }
    // [K, B, 1, L] · [1, B, L, L] summed over its last axis
    Tensor along = engine.constant(axes, 1, examples, latent, latent);
    return u.expandDims(2).mul(along).sum(-1).add(engine.constant(mean, 1, examples, latent));
  }

  /** r(u) [K, B] of log p(x | z) [K, B]. */
  Tensor logRatio(Engine engine, Tensor logLikelihood, Tensor u, Tensor z) {
    if (mean == null) {
      return logLikelihood;
    }
    return logLikelihood
        .add(u.square().sub(z.square()).sum(-1).mul(0.5))
        .add(engine.constant(logDeterminant, 1, examples));
  }

  /** u [B, L] of z [B, L]. */
  double[] coordinates(float[] z) {
    double[] u = new double[z.length];
    for (int i = 0; i < z.length; i++) {
      if (mean == null) {
        u[i] = z[i];
        continue;
      }
      int first = i / latent * latent;
      for (int l = 0; l < latent; l++) {
        u[i] += inverse[i * latent + l] * (z[first + l] - mean[first + l]);
      }
    }
    return u;
  }
}
