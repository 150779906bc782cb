package dev.ancestral;

/**
 * Work that cannot go on for a reason the user can act on: its message says what, with which value,
 * what it must be and how to mend it, and its kind becomes the exit status.
 */
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Why, and the exit status that says so. */
  public enum Kind {
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

    Kind(int status, boolean retryable) {
      this.status = status;
      this.retryable = retryable;
    }

    public int status() {
      return status;
    }

    public boolean retryable() {
      return retryable;
    }
  }

  private final Kind kind;

  public Refusal(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public Refusal(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
