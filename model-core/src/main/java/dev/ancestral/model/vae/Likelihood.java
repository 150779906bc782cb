package dev.ancestral.model.vae;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.model.EventSpec;
import java.util.Locale;

/** p(x | z) of a {@link Vae}. */
public enum Likelihood {
  BERNOULLI,
  LOGISTIC,
  GAUSSIAN,
  /** A distribution for each column of a row. */
  MIXED;

  /**
   * Checks that it can be the distribution of such examples.
   *
   * @throws AncestralException (MISMATCH) if not
   */
  void requireSuited(EventSpec event) {
    String mend =
        switch (this) {
          case BERNOULLI ->
              event.levels() == 2
                  ? null
                  : event.isDiscrete()
                      ? "it needs 2 levels: prepare the data with --binarize, or choose likelihood:"
                          + " logistic"
                      : "it needs 2 levels: choose likelihood: gaussian";
          case LOGISTIC ->
              event.isDiscrete() ? null : "it needs discrete elements: choose likelihood: gaussian";
          case GAUSSIAN ->
              event.isDiscrete()
                  ? "it needs real numbers: set dequantize: uniform, or choose likelihood: "
                      + (event.levels() == 2 ? "bernoulli" : "logistic")
                  : event.isRows() ? "rows take the likelihood mixed" : null;
          case MIXED -> event.isRows() ? null : "it needs rows of a table";
        };
    if (mend != null) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "likelihood "
              + name().toLowerCase(Locale.ROOT)
              + " does not suit the event "
              + event.describe()
              + "; "
              + mend);
    }
  }
}
