package dev.ancestral.model.pixelcnn;

import dev.ancestral.distribution.DiscretizedLogistic;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.ParameterLayout.Initializer;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;

/**
 * A mixture of discretized logistics (Salimans et al. 2017, eq. 2 and section 2.1 and 2.2): all
 * channels of a pixel share the component m, and the mean of channel k depends linearly on the
 * channels before it,
 *
 * <p>p(x) = Σ_m π_m Π_k P(x_k; μ_{mk} + Σ_{j&lt;k} tanh(c_{mkj}) x_j, s_{mk}), with x_j on [−1, 1].
 *
 * <p>Parameters of a pixel, in this order: M logits of π; for each channel M means and M log
 * scales; for each pair j &lt; k M coefficients.
 *
 * @param channels K
 * @param levels of an element
 * @param mixtures M
 * @param width features, C
 */
record LogisticMixtureHead(int channels, int levels, int mixtures, int width) implements Head {
  /** As in the paper's code: narrower than any gap between levels that a float32 can tell. */
  private static final double LEAST_LOG_SCALE = -7;

  private static final double LARGEST_LOG_SCALE = 20;

  @Override
  public void declare(ParameterLayout.Builder layout) {
    layout.add("head.skip.bias", Initializer.zeros(), width);
    layout.add("head.hidden.weight", Initializer.glorot(width, width), width, width, 1, 1);
    layout.add("head.hidden.bias", Initializer.zeros(), width);
    layout.add("head.mixture.weight", Initializer.glorot(width, outputs()), outputs(), width, 1, 1);
    // Components that start at the same place stay together for long: spread them over [−1, 1].
    layout.add("head.mixture.bias", new Initializer.Uniform(1), outputs());
  }

  @Override
  public int uniforms() {
    return 1 + channels;
  }

  @Override
  public Tensor outputs(TensorMap weights, Tensor features, Tensor x) {
    Tensor known = GatedStacks.biased(weights, "head.skip", features).relu();
    Tensor hidden =
        GatedStacks.biased(
                weights, "head.hidden", known.conv2d(weights.get("head.hidden.weight"), 1, 0, 0))
            .relu();
    return GatedStacks.biased(
        weights,
        "head.mixture",
        hidden.conv2d(weights.get("head.mixture.weight"), 1, 0, 0)); // [B, P, H, W]
  }

  @Override
  public Tensor logProb(Tensor outputs, Tensor x) {
    DiscretizedLogistic logistic = new DiscretizedLogistic(levels);
    Tensor parameters = outputs.permute(0, 2, 3, 1); // [B, H, W, P]
    Tensor levelsOf = x.permute(0, 2, 3, 1); // [B, H, W, K]
    Tensor scaled = logistic.scaled(levelsOf);
    Tensor joint = part(parameters, 0).logSoftmax(-1); // log π, [B, H, W, M]
    for (int k = 0; k < channels; k++) {
      Tensor mean = part(parameters, 1 + 2 * k);
      for (int j = 0; j < k; j++) {
        Tensor coefficient = part(parameters, coefficient(k, j)).tanh();
        mean = mean.add(coefficient.mul(scaled.slice(-1, j, j + 1L)));
      }
      joint =
          joint.add(
              logistic.logProb(
                  levelsOf.slice(-1, k, k + 1L), mean, logScale(parameters, k))); // [B, H, W, M]
    }
    return joint.logSumExp(-1).sum(1, 2); // [B]
  }

  /** A temperature divides the logits of the mixture and multiplies the scales. */
  @Override
  public Tensor sample(TensorMap weights, Tensor features, Tensor uniform, double temperature) {
    DiscretizedLogistic logistic = new DiscretizedLogistic(levels);
    Tensor parameters = outputs(weights, features, null).permute(0, 2, 3, 1); // [B, H, W, P]
    Tensor draws = uniform.permute(0, 2, 3, 1); // [B, H, W, 1 + K]
    Tensor component =
        Head.draw(part(parameters, 0).mul(1 / temperature), drawOf(draws, 0)).oneHot(mixtures);
    Tensor[] x = new Tensor[channels]; // [B, H, W] each
    for (int k = 0; k < channels; k++) {
      Tensor mean = chosen(part(parameters, 1 + 2 * k), component); // [B, H, W]
      for (int j = 0; j < k; j++) {
        Tensor coefficient = chosen(part(parameters, coefficient(k, j)).tanh(), component);
        // The scorer sees the rounded channel, so the sampler must as well.
        mean = mean.add(coefficient.mul(logistic.scaled(x[j])));
      }
      Tensor scale = chosen(logScale(parameters, k), component).exp().mul(temperature);
      x[k] = logistic.draw(drawOf(draws, 1 + k), mean, scale);
    }
    Tensor result = x[0].expandDims(1);
    for (int k = 1; k < channels; k++) {
      result = result.concat(1, x[k].expandDims(1));
    }
    return result; // [B, K, H, W]
  }

  @Override
  public long valuesPerPixel() {
    return 6L * width + 3L * outputs() + 24L * channels * mixtures;
  }

  private int outputs() {
    return mixtures * (1 + 2 * channels + channels * (channels - 1) / 2);
  }

  private int coefficient(int k, int j) {
    return 1 + 2 * channels + k * (k - 1) / 2 + j;
  }

  /** The i-th group of M parameters, [B, H, W, M]. */
  private Tensor part(Tensor parameters, int i) {
    return parameters.slice(-1, (long) i * mixtures, (i + 1L) * mixtures);
  }

  private Tensor logScale(Tensor parameters, int k) {
    return part(parameters, 2 + 2 * k).clamp(LEAST_LOG_SCALE, LARGEST_LOG_SCALE);
  }

  private static Tensor chosen(Tensor part, Tensor component) {
    return part.mul(component).sum(-1); // [B, H, W]
  }

  private static Tensor drawOf(Tensor draws, int i) {
    long[] sizes = draws.shape();
    return draws.slice(-1, i, i + 1L).reshape(sizes[0], sizes[1], sizes[2]);
  }
}
