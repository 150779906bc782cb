package dev.ancestral.tensor;

import java.nio.FloatBuffer;

/**
 * One contiguous float32 vector where the engine lives (host or device memory): parameters,
 * gradients and optimizer moments are such vectors, so averaging, sharing, compressing and
 * checkpointing all see one array. Operations are in place.
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

  /** v ← decay · v + (1 − decay) · x². */
  void decayTowardsSquare(FlatVector x, double decay);

  /** v ← v + factor · m / (√(s · correction) + epsilon): the update of Adam. */
  void addQuotient(FlatVector m, FlatVector s, double factor, double correction, double epsilon);

  /** √Σ v², summed in float64. */
  double norm();

  /** A view of elements [offset, offset + size); closing it does not release the memory. */
  FlatVector window(long offset, long size);

  /** Copies elements [offset, offset + into.remaining()) out; the buffer's position advances. */
  void read(long offset, FloatBuffer into);

  /**
   * Copies {@code from.remaining()} elements in at {@code offset}; the buffer's position advances.
   */
  void write(long offset, FloatBuffer from);

  /**
   * The memory itself as a buffer over elements [offset, offset + size), if it lies on the host and
   * size fits; else null. Writing through it changes the vector.
   */
  FloatBuffer host(long offset, int size);

  @Override
  void close();
}
