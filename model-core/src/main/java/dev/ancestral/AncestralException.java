package dev.ancestral;

/**
 * An error that the user can mend: its message says what is wrong, with which value, what it must
 * be and how to mend it; its {@link ErrorCode} becomes the exit status.
 */
public final class AncestralException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;

  public AncestralException(ErrorCode code, String message) {
    super(message);
    this.code = code;
  }

  public AncestralException(ErrorCode code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  public ErrorCode code() {
    return code;
  }
}
