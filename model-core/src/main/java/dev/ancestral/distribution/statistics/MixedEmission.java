package dev.ancestral.distribution.statistics;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import dev.ancestral.tensor.NamedArrays;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Rows of typed columns that are independent given the state: p(row | k) = Π_c p_kc(value of c).
 *
 * <p>A category has a probability for each text of its vocabulary and one for all other texts
 * together. Whole numbers (integers, decimals, dates, timestamps) have a histogram over the bins of
 * their type, even within a bin, with two tails that fall geometrically and have the probability
 * that smoothing gives to what the data do not have. Real numbers are normal. Where a null is a
 * value, each column has a probability of it, and the rest is shared as said; else a null is
 * marginalised out.
 *
 * <p>Probabilities are estimated as {@link Shares} says, means and variances as {@link
 * NormalColumn} says. Masses of discrete columns and densities of real ones multiply; densities are
 * in the data's own units.
 *
 * <p>Parameters, with the name of the column behind the point: {@code probability.NAME} [K, C]
 * ({@code C} the vocabulary and other texts, or the tail below, the bins, the tail above), {@code
 * mean.NAME} and {@code variance.NAME} [K] in standardised units, and {@code null.NAME} [K] where a
 * null is a value. Counts: for each column those of its values, then the weight of its nulls [K].
 */
public final class MixedEmission implements Emission {
  private final RowSchema schema;
  private final int states;
  private final List<Part> parts;
  private final int statisticsSize;

  /**
   * A column in its place.
   *
   * @param begin its first element
   * @param at where its counts begin
   * @param nulls the name of the probability of a null; null where nulls are marginalised out
   */
  private record Part(ColumnEmission values, int begin, int at, String nulls, Shares nullShares) {

    int nullsAt() {
      return at + values.statisticsSize();
    }
  }

  /**
   * The distributions of the rows of a schema.
   *
   * @param smoothing α
   * @throws AncestralException (MISMATCH) if a column has no distribution here; (SPEC) if the
   *     parameters would not fit in memory; both name the column
   */
  public MixedEmission(RowSchema schema, int states, double smoothing) {
    this.schema = schema;
    this.states = states;
    parts = new ArrayList<>();
    int at = 0;
    double counts = 0;
    for (int c = 0; c < schema.columns().size(); c++) {
      RowColumn column = schema.columns().get(c);
      // Probabilities, their logarithms, and counts once more.
      double own = 3.0 * states * outcomes(column.type());
      counts += own;
      requireFew(counts, own, column, states);
      ColumnEmission values = values(column, states, smoothing);
      boolean nulls = schema.nulls() == RowSchema.Nulls.VALUE;
      Shares shares = new Shares(states, 2, smoothing);
      parts.add(
          new Part(values, schema.begin(c), at, nulls ? "null." + column.name() : null, shares));
      at = Math.addExact(at, values.statisticsSize() + (nulls ? states : 0));
    }
    statisticsSize = at;
  }

  private static int outcomes(ColumnType type) {
    return type instanceof ColumnType.Category category
        ? category.codes()
        : type instanceof ColumnType.Whole whole ? whole.edges().size() + 1 : 2;
  }

  private static void requireFew(double counts, double own, RowColumn column, int states) {
    if (counts > MOST_COUNTS) {
      throw new AncestralException(
          ErrorCode.SPEC,
          states
              + " classes or states take about "
              + (long) counts
              + " counts up to column '"
              + column.name()
              + "', which takes "
              + (long) own
              + " of them; at most "
              + MOST_COUNTS
              + " can be kept: take fewer, or leave the column with the most values out");
    }
  }

  private static ColumnEmission values(RowColumn column, int states, double smoothing) {
    if (column.type() instanceof ColumnType.Category category) {
      Outcomes codes = new CategoryOutcomes(category, column.name());
      return new CountedColumn(column.name(), codes, states, smoothing);
    }
    if (column.type() instanceof ColumnType.Whole whole) {
      Outcomes bins = new WholeOutcomes(whole, column.name());
      return new CountedColumn(column.name(), bins, states, smoothing);
    }
    return new NormalColumn(column.name(), (ColumnType.Real) column.type(), states, smoothing);
  }

  /** The columns of a row. */
  public RowSchema schema() {
    return schema;
  }

  @Override
  public int states() {
    return states;
  }

  @Override
  public int size() {
    return schema.size();
  }

  @Override
  public List<String> parameterNames() {
    List<String> names = new ArrayList<>();
    for (Part part : parts) {
      names.addAll(part.values.parameterNames());
      if (part.nulls != null) {
        names.add(part.nulls);
      }
    }
    return names;
  }

  @Override
  public int statisticsSize() {
    return statisticsSize;
  }

  @Override
  public void centre(NamedArrays parameters, double[] statistics, int at) {
    for (Part part : parts) {
      part.values.centre(parameters, statistics, at + part.at);
    }
  }

  @Override
  public void merge(double[] from, double[] into, int at) {
    for (Part part : parts) {
      part.values.merge(from, into, at + part.at);
      int nullsAt = at + part.nullsAt();
      for (int k = 0; part.nulls != null && k < states; k++) {
        into[nullsAt + k] += from[nullsAt + k];
      }
    }
  }

  @Override
  public void accumulate(
      float[] x, int offset, int rows, double[][] weights, double[] statistics, int at) {
    for (Part part : parts) {
      int first = offset + part.begin;
      part.values.accumulate(x, first, size(), rows, weights, statistics, at + part.at);
      if (part.nulls != null) {
        countNulls(x, first, rows, weights, statistics, at + part.nullsAt());
      }
    }
  }

  private void countNulls(
      float[] x, int first, int rows, double[][] weights, double[] statistics, int at) {
    for (int r = 0; r < rows; r++) {
      for (int k = 0; Float.isNaN(x[first + r * size()]) && k < states; k++) {
        statistics[at + k] += weights[r][k];
      }
    }
  }

  @Override
  public NamedArrays maximize(double[] statistics, int at, NamedArrays into) {
    NamedArrays all = into;
    for (Part part : parts) {
      all = part.values.maximize(statistics, at + part.at, all);
      if (part.nulls != null) {
        all = withNulls(part, part.nullShares.maximize(nullCounts(part, statistics, at), 0), all);
      }
    }
    return all;
  }

  @Override
  public NamedArrays start(double[] statistics, int at, NamedArrays into) {
    NamedArrays all = into;
    for (Part part : parts) {
      all = part.values.start(statistics, at + part.at, all);
      if (part.nulls != null) {
        all = withNulls(part, part.nullShares.start(nullCounts(part, statistics, at), 0), all);
      }
    }
    return all;
  }

  @Override
  public NamedArrays ignorant(NamedArrays into) {
    NamedArrays all = into;
    for (Part part : parts) {
      all = part.values.ignorant(all);
      if (part.nulls != null) {
        all = withNulls(part, part.nullShares.ignorant(), all);
      }
    }
    return all;
  }

  /** The weights of values and of nulls, [2, K]. */
  private double[] nullCounts(Part part, double[] statistics, int at) {
    double[] counts = Arrays.copyOf(part.values.seen(statistics, at + part.at), 2 * states);
    System.arraycopy(statistics, at + part.nullsAt(), counts, states, states);
    return counts;
  }

  private NamedArrays withNulls(Part part, double[] shares, NamedArrays into) {
    double[] nulls = new double[states];
    Arrays.setAll(nulls, k -> shares[2 * k + 1]);
    return into.with(part.nulls, nulls, states);
  }

  @Override
  public BoundRows bind(NamedArrays parameters) {
    List<BoundColumn> columns = new ArrayList<>();
    List<double[]> nullProbabilities = new ArrayList<>(); // [K] of each column
    for (Part part : parts) {
      double[] nulls = new double[states];
      if (part.nulls != null) {
        nulls = parameters.array(part.nulls, states);
        for (int k = 0; k < states; k++) {
          Probabilities.require(part.nulls, k, nulls[k]);
        }
      }
      double[] logFactor = Arrays.stream(nulls).map(p -> Math.log1p(-p)).toArray();
      columns.add(part.values.bind(parameters, logFactor));
      nullProbabilities.add(nulls);
    }
    return new BoundRows(schema, states, columns, nullProbabilities.toArray(double[][]::new));
  }
}
