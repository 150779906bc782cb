package dev.ancestral.distribution;

import dev.ancestral.tensor.Tensor;

/**
 * A null with probability σ(a), else a value. Parameters: a, then those of the value. Noise: one
 * uniform number for the null where there are any, then that of the value.
 *
 * @param value of what is not null
 * @param nullable whether nulls were seen
 */
record NullableDistribution(ColumnDistribution value, boolean nullable)
    implements ColumnDistribution {

  @Override
  public int elements() {
    return value.elements();
  }

  @Override
  public int parametersPerElement() {
    return 1 + value.parametersPerElement();
  }

  @Override
  public int noisePerElement() {
    return flags() + value.noisePerElement();
  }

  @Override
  public Tensor logProb(Tensor parameters, Tensor x) {
    Tensor logit = Axes.only(parameters, 0).add(nullable ? 0 : UNSEEN); // [..]
    Tensor observed = ObservedDistribution.observed(x); // [..]
    Tensor ofValue = value.logProb(ofValue(parameters), x.withoutNaN(0)); // [..]
    return logit
        .neg()
        .logSigmoid()
        .add(ofValue)
        .mul(observed)
        .add(logit.logSigmoid().mul(Axes.not(observed)));
  }

  @Override
  public Tensor sample(Tensor parameters, Tensor uniform, double temperature) {
    Tensor own = uniform.slice(-1, flags(), noisePerElement());
    Tensor drawn = value.sample(ofValue(parameters), own, temperature); // [.., E]
    if (!nullable) {
      return drawn;
    }
    Tensor isNull =
        new Bernoulli().sample(Axes.only(parameters, 0), Axes.only(uniform, 0), temperature);
    Tensor kept = Axes.not(isNull).expandDims(-1); // [.., 1]
    // 0 / 0 is NaN in every engine, where a product with NaN would be NaN for all.
    Tensor first = drawn.slice(-1, 0, 1).add(kept.div(kept).add(-1)); // [.., 1]
    return elements() == 1 ? first : first.concat(-1, drawn.slice(-1, 1, elements()).mul(kept));
  }

  /** Of a value: whether it is null has no middle. */
  @Override
  public Tensor center(Tensor parameters) {
    return value.center(ofValue(parameters));
  }

  private int flags() {
    return nullable ? 1 : 0;
  }

  private Tensor ofValue(Tensor parameters) {
    return parameters.slice(-1, 1, parametersPerElement());
  }
}
