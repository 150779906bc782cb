package dev.ancestral.distribution;

import dev.ancestral.tensor.Tensor;

/**
 * A {@link Categorical} code of a text: the vocabulary and, last, all other texts.
 *
 * @param codes P, with that of other texts
 * @param otherSeen whether other texts were seen
 */
record CodeDistribution(int codes, boolean otherSeen) implements ColumnDistribution {

  @Override
  public int elements() {
    return 1;
  }

  @Override
  public int parametersPerElement() {
    return codes;
  }

  @Override
  public Tensor logProb(Tensor parameters, Tensor x) {
    Tensor logits = parameters;
    if (!otherSeen) {
      Tensor other = parameters.slice(-1, codes - 1L, codes).add(UNSEEN);
      logits = codes == 1 ? other : parameters.slice(-1, 0, codes - 1L).concat(-1, other);
    }
    Tensor code = Axes.only(x, 0).broadcastTo(Axes.leading(parameters)); // [..]
    return new Categorical(codes).logProb(logits, code); // [..]
  }

  @Override
  public Tensor sample(Tensor parameters, Tensor uniform, double temperature) {
    int drawn = drawn();
    return drawn == 1
        ? uniform.mul(0)
        : new Categorical(drawn)
            .sample(parameters.slice(-1, 0, drawn), Axes.only(uniform, 0), temperature)
            .expandDims(-1); // [.., 1]
  }

  @Override
  public Tensor center(Tensor parameters) {
    return Axes.largest(parameters.slice(-1, 0, drawn())).expandDims(-1); // [.., 1]
  }

  /** Codes that a draw can be: where nothing but nulls was seen, the draw is masked by a null. */
  private int drawn() {
    return otherSeen ? codes : Math.max(1, codes - 1);
  }
}
