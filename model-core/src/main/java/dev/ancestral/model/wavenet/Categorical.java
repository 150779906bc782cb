package dev.ancestral.model.wavenet;

import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.ParameterLayout.Initializer;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;

/**
 * Levels enter one-hot, that is, as rows of a table, and leave by a softmax over all of them (van
 * den Oord et al. 2016, section 2.2).
 *
 * @param levels V
 */
record Categorical(int levels) implements Head {

  @Override
  public void addEmbedding(ParameterLayout.Builder layout, String name, int channels) {
    layout.add(name, new Initializer.Normal(0.5), levels + 1L, channels);
  }

  @Override
  public Tensor embed(TensorMap weights, String name, Tensor symbols) {
    return weights.get(name).rows(symbols); // [N, C]
  }

  @Override
  public int outputs() {
    return levels;
  }

  @Override
  public Tensor logProb(Tensor outputs, Tensor symbols) {
    return outputs.logSoftmax(-1).pick(symbols); // [N]
  }

  @Override
  public int uniforms() {
    return 1;
  }

  @Override
  public Draw draw(Engine engine, double temperature) {
    Tensor triangle = Head.triangle(engine, levels);
    return (outputs, uniforms) ->
        Head.choose(outputs.mul(1 / temperature), uniforms, triangle); // [N]
  }
}
