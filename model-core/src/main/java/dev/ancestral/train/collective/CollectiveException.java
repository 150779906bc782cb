package dev.ancestral.train.collective;

/** An exchange that did not come about: a replica failed, or was silent past the deadline. */
public final class CollectiveException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public CollectiveException(String message) {
    super(message);
  }

  public CollectiveException(String message, Throwable cause) {
    super(message, cause);
  }
}
