package dev.ancestral.job.train.audit;

/** Examples were lost or used twice: a defect, which another attempt would only hide. */
public final class EpochAuditException extends IllegalStateException {
  private static final long serialVersionUID = 1L;

  public EpochAuditException(String message) {
    super(
        message
            + "; nothing is committed from here on: please report this, and begin anew with"
            + " --restart");
  }
}
