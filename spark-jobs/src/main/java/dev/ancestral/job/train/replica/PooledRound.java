package dev.ancestral.job.train.replica;

import java.util.concurrent.Future;

/** A round that occupies the thread of a replica while several tasks carry it on. */
public interface PooledRound {

  /** Says what comes of the work on the replica's thread. */
  void runsAs(Future<RoundReport> running);

  /** Makes the work end where it waits, and waits until the thread is free. */
  void abort(String reason);
}
