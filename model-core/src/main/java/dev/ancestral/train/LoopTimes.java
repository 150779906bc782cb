package dev.ancestral.train;

/** Where the time of a training loop goes, in nanoseconds. */
public final class LoopTimes {
  private long compute;
  private long input;
  private long exchange;

  void computedSince(long started) {
    compute += System.nanoTime() - started;
  }

  void exchangedSince(long started) {
    exchange += System.nanoTime() - started;
  }

  void waitedForInput(long nanos) {
    input += nanos;
  }

  /** Spent on gradients and optimizers. */
  public long computeNanos() {
    return compute;
  }

  /** Spent on waiting for examples. */
  public long inputNanos() {
    return input;
  }

  /** Spent in the collective, waiting for the other replicas included. */
  public long exchangeNanos() {
    return exchange;
  }
}
