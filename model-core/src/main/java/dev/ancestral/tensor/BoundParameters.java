package dev.ancestral.tensor;

import java.util.function.Function;

/**
 * Parameters on an engine: one flat vector of values, one of gradients, and named views of both.
 *
 * <p>The views are windows, not copies: what is written to {@link #values()} is what the next
 * forward pass sees.
 */
public interface BoundParameters extends AutoCloseable {

  ParameterLayout layout();

  FlatVector values();

  /** The gradient left by the last {@link #differentiate}. */
  FlatVector gradient();

  /** The named views, for a forward pass. */
  TensorMap weights();

  /**
   * Evaluates a scalar and leaves its gradient with respect to all parameters in {@link
   * #gradient()}, overwriting what was there; releases every tensor made on the way.
   *
   * @return the scalar's value
   */
  double differentiate(Function<TensorMap, Tensor> scalar);

  @Override
  void close();
}
