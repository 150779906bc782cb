package dev.ancestral.train.collective;

import dev.ancestral.tensor.FlatVector;
import dev.ancestral.tensor.FlatVectors;

/**
 * One replica's end of a group of replicas that exchange vectors. Every replica of the group makes
 * the same calls in the same order; each call returns when all have made it, or fails within the
 * deadline.
 *
 * <p>Law of an ordered reduction: the sum is ((v_0 + v_1) + v_2) + … in float32 in ascending
 * replica index, so its bytes do not depend on where the replicas run. Scalars are summed in
 * float64, in ascending replica index.
 */
public interface Collective extends AutoCloseable {

  /**
   * Replaces the vector by the sum over the replicas, and the scalars by theirs.
   *
   * @throws CollectiveException if another replica failed or was silent past the deadline
   */
  void allReduce(FlatVector vector, double[] scalars);

  /**
   * Replaces the vectors by the weighted sum over the replicas, and the scalars by their plain sum.
   *
   * @param weight of this replica; the weights of all sum to 1
   * @param buffer for what is summed at once; its size, the same for every replica, is the largest
   *     number of floats of one exchange
   * @throws CollectiveException if another replica failed or was silent past the deadline
   */
  default void average(FlatVectors vectors, double weight, FlatVector buffer, double[] scalars) {
    boolean[] first = {true};
    vectors.forEachWindow(
        buffer.size(),
        own -> {
          try (FlatVector sum = buffer.window(0, own.size())) {
            sum.copyFrom(own);
            sum.scale(weight);
            allReduce(sum, first[0] ? scalars : new double[0]);
            own.copyFrom(sum);
            first[0] = false;
          }
        });
  }

  /**
   * The messages of all replicas, in ascending replica index; replaces the scalars by their sum.
   *
   * @throws CollectiveException if another replica failed or was silent past the deadline
   */
  byte[][] allGather(byte[] message, double[] scalars);

  /** Bytes that this replica has sent to others so far, over a network or through memory. */
  long bytesSent();

  /** Makes every replica of the group that waits, or will wait, fail at once. */
  void abort(String reason);

  @Override
  void close();
}
