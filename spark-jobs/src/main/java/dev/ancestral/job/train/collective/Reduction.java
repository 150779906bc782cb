package dev.ancestral.job.train.collective;

import dev.ancestral.tensor.FlatVector;

/**
 * One replica's end of a group that adds vectors. Every replica of the group makes the same calls
 * in the same order; each call returns when all have made it, or fails within the deadline.
 *
 * <p>Law of an ordered reduction: the sum is ((v_0 + v_1) + v_2) + … in float32 in ascending
 * replica index, so its bytes do not depend on where the replicas sit.
 */
public interface Reduction extends AutoCloseable {

  /**
   * Replaces the vector by the sum over the replicas, and the scalars by theirs (in float64, in
   * ascending replica index).
   *
   * @throws ReductionException if another replica failed or was silent past the deadline
   */
  void sum(FlatVector vector, double[] scalars);

  /**
   * The messages of all replicas, in ascending replica index.
   *
   * @throws ReductionException if another replica failed or was silent past the deadline
   */
  byte[][] gather(byte[] message);

  /** Bytes that this replica has sent to others so far, whether over a wire or through memory. */
  long bytesSent();

  /** Makes every replica of the group that waits, or will wait, fail at once. */
  void abort(String reason);

  @Override
  void close();
}
