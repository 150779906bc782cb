package dev.ancestral.job.train.collective;

/** An exchange that did not come about: a replica failed, or was silent past the deadline. */
public final class ReductionException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ReductionException(String message) {
    super(message);
  }

  public ReductionException(String message, Throwable cause) {
    super(message, cause);
  }
}
