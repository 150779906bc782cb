package dev.ancestral.job.train.replica;

/** A replica that does not hold the state which a round needs and that is not on storage. */
public final class StaleReplicaException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StaleReplicaException(int replica, String holds, String needs) {
    super(
        "replica "
            + replica
            + " holds the state of '"
            + holds
            + "' and needs that of '"
            + needs
            + "', which is not on storage; the run goes back to its last commit");
  }
}
