package dev.ancestral.distribution.statistics;

import dev.ancestral.AncestralException;
import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import java.util.Arrays;

/**
 * The D variables of an example of fixed shape as finitely many outcomes each: elements by their
 * level, columns of a row by texts and bins.
 *
 * <p>A category has an outcome for each text of its vocabulary and one for all other texts; whole
 * numbers (integers, decimals, dates, timestamps) have the tail below, the bins of their type and
 * the tail above; real numbers have {@link RealOutcomes}. Where a null is a value, it is one more
 * outcome of every column, the last one.
 *
 * <p>log p(value) = log p(outcome) + log p(value | outcome). The second term is fixed by the
 * schema: values of a bin are even, those of a tail fall geometrically. Of real numbers it is a
 * density, in the data's own units.
 */
public final class DiscreteVariables {
  /** Stands for the outcome of a variable that is not observed. */
  public static final int MISSING = -1;

  private final Outcomes[] outcomes; // [D]
  private final int[] begins; // [D]: first element of each variable
  private final String[] names; // [D], for messages
  private final RowSchema schema; // null where variables are elements
  private final int elements;

  private DiscreteVariables(
      Outcomes[] outcomes, int[] begins, String[] names, RowSchema schema, int elements) {
    this.outcomes = outcomes;
    this.begins = begins;
    this.names = names;
    this.schema = schema;
    this.elements = elements;
  }

  /**
   * Elements that take whole numbers from 0.
   *
   * @param size D
   * @param levels of each
   */
  public static DiscreteVariables ofLevels(int size, int levels) {
    Outcomes[] outcomes = new Outcomes[size];
    Arrays.fill(outcomes, new LevelOutcomes(levels));
    int[] begins = new int[size];
    Arrays.setAll(begins, d -> d);
    String[] names = new String[size];
    Arrays.setAll(names, d -> "element " + d);
    return new DiscreteVariables(outcomes, begins, names, null, size);
  }

  /**
   * The columns of a row.
   *
   * @param bins of each column of real numbers, at least 3
   * @throws AncestralException (MISMATCH) if the bins of a column of whole numbers do not suit it;
   *     the message names the column
   */
  public static DiscreteVariables ofColumns(RowSchema schema, int bins) {
    int columns = schema.columns().size();
    Outcomes[] outcomes = new Outcomes[columns];
    int[] begins = new int[columns];
    String[] names = new String[columns];
    for (int c = 0; c < columns; c++) {
      RowColumn column = schema.columns().get(c);
      begins[c] = schema.begin(c);
      names[c] = "column '" + column.name() + "'";
      if (column.type() instanceof ColumnType.Category category) {
        outcomes[c] = new CategoryOutcomes(category, column.name());
      } else if (column.type() instanceof ColumnType.Whole whole) {
        outcomes[c] = new WholeOutcomes(whole, column.name());
      } else {
        outcomes[c] = new RealOutcomes((ColumnType.Real) column.type(), bins);
      }
    }
    return new DiscreteVariables(outcomes, begins, names, schema, schema.size());
  }

  /** D. */
  public int size() {
    return outcomes.length;
  }

  /** Elements of an example. */
  public int elements() {
    return elements;
  }

  /** V, how many outcomes variable d has. */
  public int outcomes(int d) {
    return outcomes[d].count() + (nullIsValue() ? 1 : 0);
  }

  /** For messages: {@code column 'age'}, {@code element 3}. */
  public String name(int d) {
    return names[d];
  }

  private boolean nullIsValue() {
    return schema != null && schema.nulls() == RowSchema.Nulls.VALUE;
  }

  /** Whether an outcome of variable d is a null. */
  public boolean isNull(int d, int outcome) {
    return outcome == outcomes[d].count();
  }

  /** The outcome that the elements of an example say of variable d, or {@link #MISSING}. */
  public int outcome(float[] x, int offset, int d) {
    int at = offset + begins[d];
    if (Float.isNaN(x[at])) {
      return nullIsValue() ? outcomes[d].count() : MISSING;
    }
    return outcomes[d].of(x, at);
  }

  /** log p(value | outcome) in nats of variable d; 0 where it is missing or null. */
  public double logWithin(float[] x, int offset, int d) {
    int at = offset + begins[d];
    if (schema == null || Float.isNaN(x[at])) {
      return 0;
    }
    int outcome = outcomes[d].of(x, at);
    long values = outcomes[d].values(outcome);
    return outcomes[d].logWithin(outcome, x, at) - (values > 1 ? Math.log((double) values) : 0);
  }

  /**
   * Whether the data that fixed the schema had the outcome, so that it may be drawn: neither a tail
   * nor a text that is not in the vocabulary of a column without such texts, nor a null of a column
   * without nulls.
   */
  public boolean drawable(int d, int outcome) {
    return isNull(d, outcome) ? schema.columns().get(d).nullable() : outcomes[d].drawable(outcome);
  }

  /**
   * What the probability of an outcome that may be drawn is divided by to be that of its most
   * probable value: how many values it has, or for real numbers how wide it is.
   */
  public double extent(int d, int outcome) {
    if (isNull(d, outcome)) {
      return 1;
    }
    return outcomes[d] instanceof RealOutcomes real
        ? real.width(outcome)
        : Math.max(1, outcomes[d].values(outcome));
  }

  /** Writes a value of an outcome that may be drawn, the value by draw number {@code d}. */
  public void draw(int d, int outcome, RandomKey key, float[] into, int offset) {
    if (isNull(d, outcome)) {
      schema.columns().get(d).encode(null, into, offset + begins[d]);
    } else {
      outcomes[d].draw(outcome, key, d, into, offset + begins[d]);
    }
  }

  /** Writes the value in the middle of an outcome that may be drawn and is no null. */
  public void middle(int d, int outcome, float[] into, int offset) {
    outcomes[d].middle(outcome, into, offset + begins[d]);
  }

  /** Copies the elements of variable d from one example to another. */
  public void copy(int d, float[] from, int fromOffset, float[] into, int offset) {
    int end = d + 1 < begins.length ? begins[d + 1] : elements;
    System.arraycopy(from, fromOffset + begins[d], into, offset + begins[d], end - begins[d]);
  }

  /** The levels of an element. */
  record LevelOutcomes(int levels) implements Outcomes {

    @Override
    public int count() {
      return levels;
    }

    @Override
    public int of(float[] x, int at) {
      int level = (int) x[at];
      if (level != x[at] || level < 0 || level >= levels) {
        throw new IllegalArgumentException(
            "an element is "
                + x[at]
                + "; it must be a whole number from 0 to "
                + (levels - 1)
                + ", or NaN (missing)");
      }
      return level;
    }

    @Override
    public long values(int outcome) {
      return 1;
    }

    @Override
    public boolean drawable(int outcome) {
      return true;
    }

    @Override
    public double logWithin(int outcome, float[] x, int at) {
      return 0;
    }

    @Override
    public void draw(int outcome, RandomKey key, long index, float[] into, int at) {
      into[at] = outcome;
    }

    @Override
    public void middle(int outcome, float[] into, int at) {
      into[at] = outcome;
    }
  }
}
