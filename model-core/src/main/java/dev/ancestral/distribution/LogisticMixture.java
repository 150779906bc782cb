package dev.ancestral.distribution;

import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.Tensor;

/**
 * A mixture of discretized logistics (Salimans et al. 2017, eq. 2 and section 2.1 and 2.2) over the
 * E channels of a pixel, or one element: all channels share the component m, and the mean of
 * channel k depends linearly on the channels before it,
 *
 * <p>p(x) = Σ_m π_m Π_k P(x_k; μ_{mk} + Σ_{j&lt;k} tanh(c_{mkj}) x_j, s_{mk}), with x_j on [−1, 1].
 *
 * <p>Parameters, in this order: M logits of π; for each channel M means and M log scales; for each
 * pair j &lt; k M coefficients. Noise: a uniform number for the component, then one a channel. A
 * temperature divides the logits and multiplies the scales.
 *
 * @param levels of an element
 * @param components π, of M components
 * @param channels E
 */
public record LogisticMixture(Levels levels, Categorical components, int channels)
    implements Distribution {
  /** As in the paper's code: narrower than any gap between levels that a float32 can tell. */
  private static final double LEAST_LOG_SCALE = -7;

  private static final double LARGEST_LOG_SCALE = 20;

  /** A mixture of so many components. */
  public LogisticMixture(int levels, int mixtures, int channels) {
    this(new Levels(levels), new Categorical(mixtures), channels);
  }

  @Override
  public LogisticMixture forManyDraws(Engine engine) {
    return new LogisticMixture(levels, components.forManyDraws(engine), channels);
  }

  @Override
  public int parametersPerElement() {
    long each = 1 + 2L * channels + channels * (channels - 1L) / 2;
    return Math.toIntExact(Math.multiplyExact(components.count(), each));
  }

  @Override
  public int noisePerElement() {
    return 1 + channels;
  }

  @Override
  public Tensor logProb(Tensor parameters, Tensor x) {
    Tensor all = channels == 1 ? x.expandDims(-1) : x; // [.., E]
    Tensor joint = part(parameters, 0).logSoftmax(-1); // log π, [.., M]
    for (int k = 0; k < channels; k++) {
      Tensor mean = part(parameters, 1 + 2 * k); // [.., M]
      for (int j = 0; j < k; j++) {
        Tensor coefficient = part(parameters, coefficient(k, j)).tanh();
        mean = mean.add(coefficient.mul(levels.scaled(all.slice(-1, j, j + 1L))));
      }
      Tensor ofChannel =
          new DiscretizedLogistic(levels, logScale(parameters, k))
              .logProb(mean, all.slice(-1, k, k + 1L));
      joint = joint.add(ofChannel); // [.., M]
    }
    return joint.logSumExp(-1); // [..]
  }

  @Override
  public Tensor sample(Tensor parameters, Tensor noise, double temperature) {
    Tensor component = components.sample(part(parameters, 0), only(noise, 0), temperature); // [..]
    Tensor[] x = new Tensor[channels]; // [..] each
    for (int k = 0; k < channels; k++) {
      Tensor mean = part(parameters, 1 + 2 * k).pick(component); // [..]
      for (int j = 0; j < k; j++) {
        Tensor coefficient = part(parameters, coefficient(k, j)).tanh().pick(component);
        // The scorer sees the rounded channel, so the sampler must as well.
        mean = mean.add(coefficient.mul(levels.scaled(x[j])));
      }
      Tensor logScale = logScale(parameters, k).pick(component);
      x[k] =
          new DiscretizedLogistic(levels, logScale)
              .sample(mean, only(noise, 1 + k), temperature); // [..]
    }
    if (channels == 1) {
      return x[0];
    }
    Tensor result = x[0].expandDims(-1);
    for (int k = 1; k < channels; k++) {
      result = result.concat(-1, x[k].expandDims(-1));
    }
    return result; // [.., E]
  }

  private int coefficient(int k, int j) {
    return 1 + 2 * channels + k * (k - 1) / 2 + j;
  }

  /** The i-th group of M parameters, [.., M]. */
  private Tensor part(Tensor parameters, int i) {
    long m = components.count();
    return parameters.slice(-1, i * m, (i + 1) * m);
  }

  private Tensor logScale(Tensor parameters, int k) {
    return part(parameters, 2 + 2 * k).clamp(LEAST_LOG_SCALE, LARGEST_LOG_SCALE);
  }

  /** Column i of the last axis, which disappears. */
  private static Tensor only(Tensor values, int i) {
    long[] sizes = values.shape();
    return values.slice(-1, i, i + 1L).reshape(java.util.Arrays.copyOf(sizes, sizes.length - 1));
  }
}
