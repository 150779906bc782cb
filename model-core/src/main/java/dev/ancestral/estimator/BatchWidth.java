package dev.ancestral.estimator;

import dev.ancestral.model.EventSpec;

/** How many examples an estimator scores at once. */
public final class BatchWidth {
  // Wide enough for products to be quick. With more rows a selection leaves more of them empty.
  private static final int WIDEST = 32;
  private static final int ROWS_OF_DRAWS = 32;
  private static final int ELEMENTS_AT_ONCE = 200 * 4096;

  private BatchWidth() {}

  /** Where each example is one row. */
  public static int of(EventSpec event) {
    return atMost(event, WIDEST);
  }

  /** Where each example has some rows of its own: one for each draw. */
  public static int ofDraws(EventSpec event, int draws) {
    return atMost(event, Math.min(WIDEST, ROWS_OF_DRAWS / Math.max(1, draws)));
  }

  /** As many rows as memory allows, up to a number. */
  public static int atMost(EventSpec event, int widest) {
    return Math.max(1, Math.min(widest, ELEMENTS_AT_ONCE / event.size()));
  }
}
