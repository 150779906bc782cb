package dev.ancestral.train;

import dev.ancestral.model.Network;

/**
 * The batches of one replica, a pure function of the step, and how many examples the batches of all
 * replicas hold.
 */
public interface BatchProvider {

  /** Examples in this replica's batch of a step; 0 where its part of the epoch is used up. */
  int count(long step);

  /** Examples in the batches of all replicas at a step. */
  long total(long step);

  /** Steps in which each replica uses its part of the examples once. */
  long stepsPerEpoch();

  /**
   * The examples of a step, as an objective sees them. Asked once a step, in ascending order.
   *
   * @param step with a count above 0
   */
  Network.View batch(long step);

  /** Nanoseconds spent on waiting for examples since this was last asked. */
  long takeWaitNanos();
}
