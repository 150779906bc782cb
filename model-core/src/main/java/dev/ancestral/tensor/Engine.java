package dev.ancestral.tensor;

import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What executes {@link Tensor} operations: it makes constants and, where it can train, flat vectors
 * of parameters with gradients.
 *
 * <p>An engine serves one thread at a time. Tensors live until the {@link #scoped scope} that made
 * them ends (or a {@link TensorCache} releases them), or outside every scope until the engine
 * closes; flat vectors live until they are closed. Scopes nest.
 */
public interface Engine extends AutoCloseable {

  /** A constant with these elements in row-major order, converted to the engine's precision. */
  Tensor constant(float[] values, long... shape);

  /** A constant with these elements in row-major order, converted to the engine's precision. */
  Tensor constant(double[] values, long... shape);

  /** A constant that has one value everywhere. */
  Tensor full(double value, long... shape);

  /** A new vector; all elements are zero. */
  FlatVector vector(long size);

  /** Copies of the named parameters as a bound set; see {@link BoundParameters}. */
  BoundParameters bind(ParameterLayout layout);

  /**
   * Runs a piece of work and releases every tensor it made, except those it hands out as numbers.
   */
  <T> T scoped(Supplier<T> work);

  /** As {@link #scoped}, recording nothing for gradients: for scoring and sampling. */
  <T> T inference(Supplier<T> work);

  /** An empty cache, for loops whose steps have scopes of their own; see {@link TensorCache}. */
  TensorCache cache();

  /**
   * The gradient of a scalar function at a point, for estimators that move in latent space
   * (Hamiltonian Monte Carlo) and for tests.
   *
   * @param function maps a tensor of the point's shape to a scalar
   * @return value and gradient of the point's shape, both constants
   */
  ValueAndGradient gradient(Function<Tensor, Tensor> function, Tensor point);

  /**
   * The gradient of a scalar function at a point as part of the expression being written: unlike
   * that of {@link #gradient}, it can be differentiated again, with respect to everything that the
   * function uses. For objectives that hold a gradient, such as gradient penalties.
   *
   * <p>Released with the scope in which it is called. Where nothing is recorded for gradients, it
   * is a constant.
   *
   * @param function maps a tensor of the point's shape to a scalar; it must depend on the point
   * @return ∂ function / ∂ point, of the point's shape
   */
  Tensor differentiableGradient(Function<Tensor, Tensor> function, Tensor point);

  /** A value with its gradient. */
  record ValueAndGradient(Tensor value, Tensor gradient) {}

  /** What ran, for provenance: engine, version, device, precision, CPU capability. */
  String description();

  /**
   * Memory in use, in bytes: on a CUDA device what this process's tensors take there, on the CPU
   * what the whole process has resident; 0 where it cannot be told.
   */
  long memoryBytes();

  @Override
  void close();
}
