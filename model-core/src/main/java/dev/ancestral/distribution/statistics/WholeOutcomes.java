package dev.ancestral.distribution.statistics;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.ColumnType;
import java.util.Arrays;

/**
 * The bins of a column of whole numbers, in each of which all values are equally probable, with a
 * tail below the first and one above the last.
 *
 * <p>Values of a tail fall off as {@link ColumnType.Whole#meanDistanceOfTails} says. None of them
 * is ever drawn: the data that fixed the bins had none.
 *
 * <p>Outcomes: 0 the tail below, 1 to B the bins, B + 1 the tail above. Values are counted in steps
 * from the least one.
 */
final class WholeOutcomes implements Outcomes {
  // Uniform draws of whole numbers go so far.
  private static final long MOST_VALUES = 1L << 62;
  // Columns of fewer values have a table of the outcome of each.
  private static final int TABLE = 1 << 14;

  private final ColumnType.Whole type;
  private final int elements;
  private final long[] begins; // [B + 1]: first step of each bin, and the first after the last
  private final int[] table; // outcome of begins[0] + i, where there are few
  private final double logFirst; // log (1 − q)
  private final double logDecay; // log q

  /**
   * @param column its name, for messages
   * @throws AncestralException (MISMATCH) if a bin has no value, or they have too many together
   */
  WholeOutcomes(ColumnType.Whole type, String column) {
    this.type = type;
    elements = type.elements();
    int bins = type.edges().size() - 1;
    long first = type.edges().get(0);
    if (Long.compareUnsigned(type.edges().get(bins) - type.least(), MOST_VALUES) > 0
        || first != type.least()) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "column '"
              + column
              + "' has whole numbers from "
              + type.least()
              + " to "
              + type.greatest()
              + ", more than 2^62 apart, which no distribution here spans: leave the column out"
              + " (--drop), or take it as a category or as real");
    }
    begins = type.begins();
    for (int bin = 1; bin <= bins; bin++) {
      if (begins[bin] == begins[bin - 1]) {
        throw new AncestralException(
            ErrorCode.MISMATCH,
            "column '"
                + column
                + "' has the bin from "
                + type.edges().get(bin - 1)
                + " to "
                + type.edges().get(bin)
                + ", in which none of its values lies (they begin at "
                + type.least()
                + " and are "
                + type.step()
                + " apart): prepare the data again");
      }
    }
    long values = begins[bins];
    double mean = type.meanDistanceOfTails();
    logFirst = -Math.log(mean);
    logDecay = Math.log1p(-1 / mean);
    table = values <= TABLE ? new int[(int) values] : new int[0];
    for (int bin = 0; table.length > 0 && bin < bins; bin++) {
      Arrays.fill(table, (int) begins[bin], (int) begins[bin + 1], bin + 1);
    }
  }

  @Override
  public int count() {
    return begins.length + 1;
  }

  @Override
  public int of(float[] x, int at) {
    long steps = ColumnType.Whole.stepsOf(x, at, elements);
    int bins = begins.length - 1;
    if (steps < 0) {
      return 0;
    }
    if (steps >= begins[bins]) {
      return bins + 1;
    }
    if (table.length > 0) {
      return table[(int) steps];
    }
    int place = Arrays.binarySearch(begins, steps);
    return place >= 0 ? place + 1 : -place - 1;
  }

  @Override
  public long values(int outcome) {
    return drawable(outcome) ? begins[outcome] - begins[outcome - 1] : 0;
  }

  @Override
  public boolean drawable(int outcome) {
    return outcome > 0 && outcome < begins.length;
  }

  @Override
  public double logWithin(int outcome, float[] x, int at) {
    if (drawable(outcome)) {
      return 0;
    }
    long steps = ColumnType.Whole.stepsOf(x, at, elements);
    double beyond = outcome == 0 ? -1.0 - steps : (double) (steps - begins[begins.length - 1]);
    return logFirst + beyond * logDecay;
  }

  @Override
  public void draw(int outcome, RandomKey key, long index, float[] into, int at) {
    write(begins[outcome - 1] + key.below(index, values(outcome)), into, at);
  }

  @Override
  public void middle(int outcome, float[] into, int at) {
    write(begins[outcome - 1] + (values(outcome) - 1) / 2, into, at);
  }

  private void write(long steps, float[] into, int at) {
    type.encode(type.least() + steps * type.step(), into, at);
  }
}
