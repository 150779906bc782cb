package dev.ancestral.distribution.statistics;

import dev.ancestral.tensor.NamedArrays;
import java.util.List;

/**
 * A column whose values are counted by outcome: a category, or whole numbers by their bins.
 *
 * <p>log p(v | k) = log p_k(outcome of v) + log p(v | outcome). Parameter: {@code probability.NAME}
 * [K, C]. Counts: [C, K].
 */
record CountedColumn(String name, Outcomes outcomes, Shares shares) implements ColumnEmission {

  CountedColumn(String column, Outcomes outcomes, int states, double smoothing) {
    this("probability." + column, outcomes, new Shares(states, outcomes.count(), smoothing));
  }

  @Override
  public List<String> parameterNames() {
    return List.of(name);
  }

  @Override
  public int statisticsSize() {
    return Math.multiplyExact(shares.states(), shares.outcomes());
  }

  @Override
  public void accumulate(
      float[] x, int first, int stride, int rows, double[][] weights, double[] statistics, int at) {
    CountRows counts = new CountRows(statistics, at, shares.states(), shares.outcomes());
    for (int r = 0; r < rows; r++) {
      int place = first + r * stride;
      if (!Float.isNaN(x[place])) {
        Rows.add(weights[r], counts.row(outcomes.of(x, place)));
      }
    }
    counts.writeBack();
  }

  @Override
  public double[] seen(double[] statistics, int at) {
    return shares.seen(statistics, at);
  }

  @Override
  public NamedArrays maximize(double[] statistics, int at, NamedArrays into) {
    return with(shares.maximize(statistics, at), into);
  }

  @Override
  public NamedArrays start(double[] statistics, int at, NamedArrays into) {
    return with(shares.start(statistics, at), into);
  }

  @Override
  public NamedArrays ignorant(NamedArrays into) {
    return with(shares.ignorant(), into);
  }

  private NamedArrays with(double[] probability, NamedArrays into) {
    return into.with(name, probability, shares.states(), shares.outcomes());
  }

  @Override
  public BoundColumn bind(NamedArrays parameters, double[] logFactor) {
    double[] probability = parameters.array(name, shares.states(), shares.outcomes());
    return new BoundCounts(
        outcomes, Probabilities.distributions(name, probability, shares.outcomes()), logFactor);
  }
}
