package dev.ancestral.model.wavenet;

import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;

/**
 * How a level enters the network, and how what leaves it is a distribution over levels.
 *
 * <p>Levels are 0 to V − 1; V itself, the start symbol, stands for every step before the first.
 */
sealed interface Head permits Categorical, LogisticMixture {

  /** The parameters of {@link #embed} for one tap. */
  void addEmbedding(ParameterLayout.Builder layout, String name, int channels);

  /**
   * The contribution of one tap of the first convolution.
   *
   * @param levels [N], start symbols among them
   * @return [N, C]
   */
  Tensor embed(TensorMap weights, String name, Tensor levels);

  /** Numbers that describe the distribution of a step. */
  int outputs();

  /**
   * log p(level) in nats.
   *
   * @param outputs [N, {@link #outputs()}]
   * @param levels [N]
   * @return [N]
   */
  Tensor logProb(Tensor outputs, Tensor levels);

  /** Uniform draws that a level takes. */
  int uniforms();

  /**
   * What turns outputs into levels.
   *
   * @param temperature divides logits
   */
  Draw draw(Engine engine, double temperature);

  /** Levels [N] of outputs [N, {@link #outputs()}] by uniform draws [N, {@link #uniforms()}]. */
  @FunctionalInterface
  interface Draw {
    Tensor of(Tensor outputs, Tensor uniforms);
  }

  /**
   * Inverse of the cumulative distribution: the first class whose cumulative probability exceeds
   * the draw.
   *
   * @param logits [N, V]
   * @param uniform [N, 1]
   * @param triangle {@link #triangle} of V
   * @return [N]
   */
  static Tensor choose(Tensor logits, Tensor uniform, Tensor triangle) {
    Tensor cumulative = logits.logSoftmax(-1).exp().matmul(triangle); // [N, V]
    double top = logits.shape()[1] - 1.0;
    // Rounding may leave the last sum below the draw: that is the last class.
    return cumulative.greater(uniform).sum(-1).neg().add(top + 1).clamp(0, top); // [N]
  }

  /** Ones on and above the diagonal, [V, V]: its product with a row is the row's running sum. */
  static Tensor triangle(Engine engine, int size) {
    float[] values = new float[size * size];
    for (int i = 0; i < size; i++) {
      for (int j = i; j < size; j++) {
        values[i * size + j] = 1;
      }
    }
    return engine.constant(values, size, size);
  }
}
