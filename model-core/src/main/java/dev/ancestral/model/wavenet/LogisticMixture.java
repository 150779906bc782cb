package dev.ancestral.model.wavenet;

import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.ParameterLayout.Initializer;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;

/**
 * Levels are points y = 2 x / (V − 1) − 1 of [−1, 1] and leave as a mixture of K logistic variables
 * rounded to the nearest level,
 *
 * <p>p(x) = Σ_k π_k (σ((y + h − m_k) / s_k) − σ((y − h − m_k) / s_k)), h = 1 / (V − 1),
 *
 * <p>where the outermost levels take all that lies beyond them (Salimans et al. 2017, eq. 2), so
 * the probabilities of the levels sum to 1. The outputs of a step are K logits of π, K means m and
 * K log scales. A temperature divides the logits and multiplies the scales.
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
    Tensor value = scaled(symbols).mul(present); // [N]
    return value
        .expandDims(1)
        .concat(1, present.expandDims(1)) // [N, 2]
        .matmul(weights.get(name)); // [N, C]
  }

  @Override
  public int outputs() {
    return 3 * mixtures;
  }

  /**
   * With a and b the upper and lower end of x's bin, log (σ(a) − σ(b)) = log σ(a) + log σ(−b) + log
   * (1 − e^{b−a}), in which nothing cancels; the lowest bin has no lower end, the highest no upper.
   */
  @Override
  public Tensor logProb(Tensor outputs, Tensor symbols) {
    double halfBin = 1.0 / (levels - 1);
    Tensor x = symbols.expandDims(1); // [N, 1]
    Tensor inverseScale = logScales(outputs).neg().exp(); // [N, K]
    Tensor centered = scaled(x).sub(means(outputs)); // [N, K]
    Tensor upper = centered.add(halfBin).mul(inverseScale); // a, [N, K]
    Tensor lower = centered.add(-halfBin).mul(inverseScale); // b, [N, K]
    Tensor width = inverseScale.mul(2 * halfBin); // a − b, [N, K]
    // log (1 − e^{−w}) = log tanh(w / 2) + log(1 + e^{−w}), accurate for narrow and wide bins.
    Tensor logInterior = width.mul(0.5).tanh().log().add(width.neg().exp().log1p()); // [N, K]
    Tensor hasUpper = x.greater(levels - 1.5).neg().add(1); // [N, 1]
    Tensor hasLower = x.greater(0.5); // [N, 1]
    Tensor logComponents =
        upper
            .logSigmoid()
            .mul(hasUpper)
            .add(lower.neg().logSigmoid().mul(hasLower))
            .add(logInterior.mul(hasUpper.mul(hasLower))); // [N, K]
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
      Tensor logistic = u.log().sub(u.neg().log1p()); // [N]
      Tensor scale = logScales(outputs).pick(component).exp().mul(temperature); // [N]
      return nearestLevel(means(outputs).pick(component).add(logistic.mul(scale))); // [N]
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

  private Tensor scaled(Tensor symbols) {
    return symbols.mul(2.0 / (levels - 1)).add(-1);
  }

  private Tensor nearestLevel(Tensor y) {
    int top = levels - 1;
    return y.add(1).mul(top / 2.0).add(0.5).floor().clamp(0, top);
  }
}
