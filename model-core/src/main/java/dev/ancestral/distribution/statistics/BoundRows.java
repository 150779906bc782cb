package dev.ancestral.distribution.statistics;

import dev.ancestral.random.RandomKey;
import dev.ancestral.schema.RowSchema;
import java.util.Arrays;
import java.util.List;

/**
 * Distributions of rows with their parameters: log p(row | k) = Σ_c log p_kc(value of c).
 *
 * <p>What the data that fixed the schema did not have has a probability but is never drawn: texts
 * that are not in the vocabulary, whole numbers in a tail, nulls. So draws are of the distribution
 * given that all columns are drawable, whose probability {@link #logDrawable} tells.
 *
 * <p>Draws of column c are number {@code first + begin(c)}: of {@code key.fold(0)} which outcome or
 * normal number, of {@code key.fold(1)} which value of a bin, of {@code key.fold(2)} whether it is
 * null.
 */
public final class BoundRows implements BoundEmission {
  private static final int OUTCOME_DRAWS = 0;
  private static final int WITHIN_DRAWS = 1;
  private static final int NULL_DRAWS = 2;

  private final RowSchema schema;
  private final int states;
  private final BoundColumn[] columns;
  private final int[] begins;
  private final boolean nullIsValue;
  private final double[][] nulls; // [columns][K]: 0 where nulls are marginalised out
  private final double[][] logNulls; // [columns][K]
  private final double[][] drawableValues; // [columns][K]: p(drawable and no null | k)

  BoundRows(RowSchema schema, int states, List<BoundColumn> columns, double[][] nulls) {
    this.schema = schema;
    this.states = states;
    this.columns = columns.toArray(BoundColumn[]::new);
    this.nulls = nulls;
    nullIsValue = schema.nulls() == RowSchema.Nulls.VALUE;
    begins = new int[nulls.length];
    logNulls = new double[nulls.length][];
    drawableValues = new double[nulls.length][];
    for (int c = 0; c < begins.length; c++) {
      begins[c] = schema.begin(c);
      logNulls[c] = Arrays.stream(nulls[c]).map(Math::log).toArray();
      drawableValues[c] = this.columns[c].drawable();
      for (int k = 0; k < states; k++) {
        drawableValues[c][k] *= 1 - nulls[c][k];
      }
    }
  }

  /** The columns of a row. */
  public RowSchema schema() {
    return schema;
  }

  @Override
  public void logProb(float[] x, int offset, int rows, double[][] into) {
    double[][] terms = new double[columns.length][];
    for (int r = 0; r < rows; r++) {
      Arrays.fill(into[r], 0);
      addColumns(x, offset + r * schema.size(), -1, terms, into[r]);
    }
  }

  /** Adds the terms of all columns but one. */
  private void addColumns(float[] x, int offset, int but, double[][] terms, double[] into) {
    int count = 0;
    for (int c = 0; c < columns.length; c++) {
      int at = offset + begins[c];
      if (c == but) {
        continue;
      }
      if (Float.isNaN(x[at])) {
        if (nullIsValue) {
          terms[count++] = logNulls[c];
        }
        continue;
      }
      double[] row = columns[c].row(x, at);
      if (row == null) {
        columns[c].add(x, at, into);
      } else {
        terms[count++] = row;
      }
    }
    Rows.addAll(terms, count, into);
  }

  /**
   * log p(value of a column | values of all others) in nats, [columns], of a row under a mixture of
   * the states: NaN where the column is not observed, or the others are impossible together.
   *
   * @param logPrior log p(k), [K]
   * @param joint log p(k) + log p(row | k), [K]
   */
  public void columnLogProb(
      float[] x, int offset, double[] logPrior, double[] joint, double[] into) {
    double logProb = Probabilities.logSumExp(joint);
    double[] posterior = new double[states];
    for (int k = 0; logProb > Double.NEGATIVE_INFINITY && k < states; k++) {
      posterior[k] = Math.exp(joint[k] - logProb);
    }
    double[] rest = new double[states];
    for (int c = 0; c < columns.length; c++) {
      int at = offset + begins[c];
      boolean isNull = Float.isNaN(x[at]);
      double[] inverse =
          isNull || logProb == Double.NEGATIVE_INFINITY ? null : columns[c].inverse(x, at);
      if (isNull && !nullIsValue) {
        into[c] = Double.NaN;
      } else if (inverse != null) {
        // p(others) / p(row) = Σ_k p(k | row) / p(value | k)
        into[c] = -Math.log(Rows.dot(posterior, inverse));
      } else {
        without(x, offset, c, logPrior, joint, rest);
        double logRest = Probabilities.logSumExp(rest);
        into[c] = logRest == Double.NEGATIVE_INFINITY ? Double.NaN : logProb - logRest;
      }
    }
  }

  /** log p(k) + log p(all columns but c | k). */
  private void without(
      float[] x, int offset, int c, double[] logPrior, double[] joint, double[] into) {
    int at = offset + begins[c];
    double[] own = new double[states];
    if (Float.isNaN(x[at])) {
      System.arraycopy(logNulls[c], 0, own, 0, states);
    } else {
      columns[c].add(x, at, own);
    }
    boolean finite = true;
    for (int k = 0; k < states; k++) {
      finite &= Double.isFinite(own[k]);
      into[k] = joint[k] - own[k];
    }
    if (!finite) {
      System.arraycopy(logPrior, 0, into, 0, states);
      addColumns(x, offset, c, new double[columns.length][], into);
    }
  }

  /** log p(every column of a row is drawable | k), [K]. */
  public double[] logDrawable() {
    double[] log = new double[states];
    for (int c = 0; c < columns.length; c++) {
      addLogDrawable(c, log);
    }
    return log;
  }

  private void addLogDrawable(int c, double[] into) {
    for (int k = 0; k < states; k++) {
      into[k] += Math.log(drawableValues[c][k] + (drawsNulls(c) ? nulls[c][k] : 0));
    }
  }

  /**
   * Adds log p(given columns | k), and that the others are drawable, [K].
   *
   * @param given whether each column is; one that is NaN is then a null
   * @param drawable whether the others count at all
   */
  public void addLogGiven(float[] x, int offset, boolean[] given, boolean drawable, double[] into) {
    for (int c = 0; c < columns.length; c++) {
      int at = offset + begins[c];
      if (!given[c]) {
        if (drawable) {
          addLogDrawable(c, into);
        }
      } else if (!Float.isNaN(x[at])) {
        columns[c].add(x, at, into);
      } else if (nullIsValue) {
        Rows.add(logNulls[c], into);
      }
    }
  }

  private boolean drawsNulls(int c) {
    return nullIsValue && schema.columns().get(c).nullable();
  }

  @Override
  public Sampler sampler(double temperature) {
    BoundColumn.Sampler[] values = new BoundColumn.Sampler[columns.length];
    double[][] nullShares = new double[columns.length][states];
    for (int c = 0; c < columns.length; c++) {
      values[c] = columns[c].sampler(temperature);
      for (int k = 0; drawsNulls(c) && k < states; k++) {
        double both = nulls[c][k] + drawableValues[c][k];
        double share = both > 0 ? nulls[c][k] / both : 1;
        nullShares[c][k] =
            Probabilities.tempered(new double[] {share, 1 - share}, 2, temperature)[0];
      }
    }
    return (int state, RandomKey key, long first, float[] into, int offset) -> {
      RandomKey outcomes = key.fold(OUTCOME_DRAWS);
      RandomKey within = key.fold(WITHIN_DRAWS);
      RandomKey whetherNull = key.fold(NULL_DRAWS);
      for (int c = 0; c < columns.length; c++) {
        int at = offset + begins[c];
        long index = first + begins[c];
        double share = nullShares[c][state];
        if (share > 0 && whetherNull.uniform(index) < share) {
          schema.columns().get(c).encode(null, into, at);
        } else {
          values[c].sample(state, outcomes, within, index, into, at);
        }
      }
    };
  }

  /**
   * Adds what the columns that are not NaN tell of the state, and that the others are drawable and
   * no null, [K]: whatever a null means to the model, one is taken for unobserved here.
   */
  public void addLogObserved(float[] x, int offset, double[] into) {
    for (int c = 0; c < columns.length; c++) {
      int at = offset + begins[c];
      if (!Float.isNaN(x[at])) {
        columns[c].add(x, at, into);
        continue;
      }
      for (int k = 0; k < states; k++) {
        into[k] += Math.log(drawableValues[c][k]);
      }
    }
  }

  /** Writes values into the columns of a row that are NaN. */
  @FunctionalInterface
  public interface Filler {
    /**
     * Fills a row in given its state.
     *
     * @param key whose draws a column takes as a sampled one does, from {@code first} on
     */
    void fill(int state, RandomKey key, long first, float[] row, int offset);
  }

  /** Draws the values of columns that are NaN; none of them is null. */
  public Filler drawing() {
    BoundColumn.Sampler[] values = new BoundColumn.Sampler[columns.length];
    return (int state, RandomKey key, long first, float[] row, int offset) -> {
      RandomKey outcomes = key.fold(OUTCOME_DRAWS);
      RandomKey within = key.fold(WITHIN_DRAWS);
      for (int c = 0; c < columns.length; c++) {
        int at = offset + begins[c];
        if (Float.isNaN(row[at])) {
          // Tables to draw from are as large as the parameters: only those that are needed.
          values[c] = values[c] == null ? columns[c].sampler(1) : values[c];
          values[c].sample(state, outcomes, within, first + begins[c], row, at);
        }
      }
    };
  }

  /** Takes the most probable value for columns that are NaN; of a bin the one in its middle. */
  public Filler modes() {
    return (int state, RandomKey key, long first, float[] row, int offset) -> {
      for (int c = 0; c < columns.length; c++) {
        int at = offset + begins[c];
        if (Float.isNaN(row[at])) {
          columns[c].mode(state, row, at);
        }
      }
    };
  }
}
