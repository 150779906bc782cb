package dev.ancestral;

/** Why a command cannot go on, and the exit status that says so. */
public enum ErrorCode {
  /** The command line or the spec is wrong. */
  SPEC(2, false),
  /** Data are missing, damaged or unfit. */
  DATA(3, false),
  /** Model, data or reports do not fit together. */
  MISMATCH(4, false),
  /** The cluster cannot run it: slots, GPUs, memory, classes. */
  CLUSTER(5, false),
  /** Training became not a number and stopped at the last good checkpoint. */
  DIVERGED(6, false),
  /** Interrupted, or cluster or storage lost: the same command goes on. */
  INTERRUPTED(7, true),
  /** A comparison did not pass; nothing was changed. */
  NOT_BETTER(8, false);

  private final int status;
  private final boolean retryable;

  ErrorCode(int status, boolean retryable) {
    this.status = status;
    this.retryable = retryable;
  }

  /** The exit status of the command. */
  public int status() {
    return status;
  }

  /** Whether the same command may succeed when it is run again. */
  public boolean retryable() {
    return retryable;
  }
}
