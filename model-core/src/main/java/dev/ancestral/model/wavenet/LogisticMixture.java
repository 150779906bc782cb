package dev.ancestral.model.wavenet;

import dev.ancestral.distribution.DiscretizedLogistic;
import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.ParameterLayout.Initializer;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;

/**
 * Levels are points y = 2 x / (V − 1) − 1 of [−1, 1] and leave as a mixture of K logistic variables
 * rounded to the nearest level (Salimans et al. 2017, eq. 2; see {@link DiscretizedLogistic}),
 *
 * <p>p(x) = Σ_k π_k (σ((y + h − m_k) / s_k) − σ((y − h − m_k) / s_k)), h = 1 / (V − 1).
 *
 * <p>The outputs of a step are K logits of π, K means m and K log scales. A temperature divides the
 * logits and multiplies the scales.
 *
 * @param levels V
 * @param mixtures K
 */
record LogisticMixture(int levels, int mixtures) implements Head {
  // As in PixelCNN++: narrower components would only chase single levels.
  private static final double LEAST_LOG_SCALE = -7;
  private static final double MOST_LOG_SCALE = 20;

  @Override
  public void addEmbedding(ParameterLayout.Builder layout, String name, int channels) {
    layout.add(name, new Initializer.Normal(0.5), 2, channels);
  }

  /** The value and whether there is one: (y, 1), or (0, 0) for the start symbol. */
  @Override
  public Tensor embed(TensorMap weights, String name, Tensor symbols) {
    Tensor present = symbols.greater(levels - 0.5).neg().add(1); // [N]
    Tensor value = logistic().scaled(symbols).mul(present); // [N]
    return value
        .expandDims(1)
        .concat(1, present.expandDims(1)) // [N, 2]
        .matmul(weights.get(name)); // [N, C]
  }

  @Override
  public int outputs() {
    return 3 * mixtures;
  }

  @Override
  public Tensor logProb(Tensor outputs, Tensor symbols) {
    Tensor logComponents =
        logistic().logProb(symbols.expandDims(1), means(outputs), logScales(outputs)); // [N, K]
    return outputs.slice(1, 0, mixtures).logSoftmax(-1).add(logComponents).logSumExp(-1); // [N]
  }

  @Override
  public int uniforms() {
    return 2;
  }

  @Override
  public Draw draw(Engine engine, double temperature) {
    Tensor triangle = Head.triangle(engine, mixtures);
    return (outputs, uniforms) -> {
      Tensor component =
          Head.choose(
              outputs.slice(1, 0, mixtures).mul(1 / temperature),
              uniforms.slice(1, 0, 1),
              triangle); // [N]
      Tensor u = uniforms.slice(1, 1, 2).reshape(-1); // [N]
      Tensor scale = logScales(outputs).pick(component).exp().mul(temperature); // [N]
      return logistic().draw(u, means(outputs).pick(component), scale); // [N]
    };
  }

  private Tensor means(Tensor outputs) {
    return outputs.slice(1, mixtures, 2L * mixtures); // [N, K]
  }

  private Tensor logScales(Tensor outputs) {
    return outputs
        .slice(1, 2L * mixtures, 3L * mixtures)
        .clamp(LEAST_LOG_SCALE, MOST_LOG_SCALE); // [N, K]
  }

  private DiscretizedLogistic logistic() {
    return new DiscretizedLogistic(levels);
  }
}
