package dev.ancestral.tensor;

/**
 * Tensors that outlive the scope that made them: what a sampler carries from one step to the next.
 *
 * <p>Each step runs in a scope of its own, which frees whatever the step made except what was kept
 * here; so the memory of a loop does not grow with its steps.
 *
 * <pre>{@code
 * try (TensorCache cache = engine.cache()) {
 *   Tensor state = cache.keep(initial());
 *   for (int t = 0; t < steps; t++) {
 *     Tensor before = state;
 *     state = engine.scoped(() -> cache.keep(next(before)));
 *     cache.release(before);
 *   }
 * }
 * }</pre>
 *
 * <p>A cache serves the thread of its engine and is closed before the engine.
 */
public interface TensorCache extends AutoCloseable {

  /**
   * Makes a tensor outlive its scope, until it is released or the cache closes; keeping it again
   * changes nothing.
   *
   * @return the same tensor
   */
  Tensor keep(Tensor tensor);

  /**
   * Gives a kept tensor up: it is freed at once, or by its scope if that is still open. Tensors
   * that were made from it stay whole.
   *
   * @throws IllegalArgumentException if the cache does not keep it
   */
  void release(Tensor tensor);

  /** Releases everything that is still kept. */
  @Override
  void close();
}
