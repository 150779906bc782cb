package dev.ancestral.job.train;

/** Examples were lost or used twice: a defect, which another attempt would only hide. */
final class LedgerException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  LedgerException(String message) {
    super(
        message
            + "; nothing is committed from here on: please report this, and begin anew with"
            + " --restart");
  }
}
