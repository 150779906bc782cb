package dev.ancestral.job.train.transport;

import dev.ancestral.job.train.replica.RoundPlan;
import dev.ancestral.job.train.replica.RoundReport;
import java.util.List;

/** What runs a round on the cluster and carries the exchanges between its replicas. */
public interface Transport extends AutoCloseable {

  /**
   * Runs a round.
   *
   * @return the reports of the replicas, in their order
   * @throws dev.ancestral.AncestralException for what another attempt would not mend
   * @throws RuntimeException for what another attempt, from the last commit, may mend
   */
  List<RoundReport> round(RoundPlan plan);

  /** Whether all replicas must run at once, each on a slot of its own. */
  default boolean simultaneous() {
    return false;
  }

  /** For messages and metrics. */
  String describe();

  /** Lets the replicas go. */
  @Override
  void close();
}
