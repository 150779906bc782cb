package dev.ancestral.tensor;

import java.nio.FloatBuffer;

/**
 * One contiguous vector where the engine lives (host or device memory): parameters, gradients and
 * optimizer moments are such vectors, so averaging, sharing, compressing and checkpointing all see
 * one array. Operations are in place, and on a CPU their bits depend on the operands alone.
 *
 * <p>Elements are float32 (float64 on an engine of that {@link Precision}); they come and go as
 * float32.
 */
public interface FlatVector extends AutoCloseable {

  long size();

  /** v ← value everywhere. */
  void fill(double value);

  /** v ← x. */
  void copyFrom(FlatVector x);

  /** v ← factor · v. */
  void scale(double factor);

  /** v ← v + factor · x. */
  void addScaled(FlatVector x, double factor);

  /** v ← decay · v + (1 − decay) · x. */
  void decayTowards(FlatVector x, double decay);

  /**
   * One step of Adam on this vector of parameters in one pass over memory:
   *
   * <pre>
   * v ← v − η λ v
   * m ← β₁ m + (1 − β₁) g
   * s ← β₂ s + (1 − β₂) g²
   * v ← v − η (m / (1 − β₁ᵗ)) / (√(s / (1 − β₂ᵗ)) + ε)
   * </pre>
   *
   * @param gradient g
   * @param mean m, the first moment
   * @param square s, the second moment
   */
  void adam(FlatVector gradient, FlatVector mean, FlatVector square, AdamStep step);

  /**
   * The numbers of one step of {@link #adam}.
   *
   * @param learningRate η
   * @param beta1 β₁
   * @param beta2 β₂
   * @param epsilon ε
   * @param weightDecay λ, decoupled from the gradient
   * @param count t, the number of this step, from 1
   */
  record AdamStep(
      double learningRate,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay,
      long count) {}

  /** √Σ v², summed in float64. */
  double norm();

  /** A view of elements [offset, offset + size); closing it does not release the memory. */
  FlatVector window(long offset, long size);

  /**
   * A window of another vector, for use on the thread of this vector's engine while the other's
   * thread leaves it alone.
   */
  FlatVector viewOf(FlatVector other, long offset, long size);

  /** Copies elements [offset, offset + into.remaining()) out; the buffer's position advances. */
  void read(long offset, FloatBuffer into);

  /**
   * Copies {@code from.remaining()} elements in at {@code offset}; the buffer's position advances.
   */
  void write(long offset, FloatBuffer from);

  /**
   * The memory itself as a buffer over elements [offset, offset + size), if it lies on the host as
   * float32; else null. Writing through it changes the vector; it must not be used after the vector
   * is closed.
   */
  FloatBuffer host(long offset, int size);

  @Override
  void close();
}
