package dev.ancestral.distribution.statistics;

import java.util.Arrays;

/** {@link CountedColumn} with its parameters. */
final class BoundCounts implements BoundColumn {
  // Beyond it an inverse times a posterior that underflowed could matter.
  private static final double LEAST_LOG = -300;

  private static final double[] NONE = {};

  private final Outcomes outcomes;
  private final double[] probability; // [K, C]
  private final double[][] log; // [C, K], of one value where values are even, with the factor
  private final double[][] inverse; // [C, K], made when first asked for; the model is one thread's

  BoundCounts(Outcomes outcomes, double[] probability, double[] logFactor) {
    this.outcomes = outcomes;
    this.probability = probability;
    int count = outcomes.count();
    int states = logFactor.length;
    log = new double[count][states];
    inverse = new double[count][];
    for (int v = 0; v < count; v++) {
      double logValues = Math.log((double) Math.max(1, outcomes.values(v)));
      for (int k = 0; k < states; k++) {
        log[v][k] = Math.log(probability[k * count + v]) - logValues + logFactor[k];
      }
    }
  }

  @Override
  public double[] row(float[] x, int at) {
    int outcome = outcomes.of(x, at);
    return outcomes.values(outcome) == 0 ? null : log[outcome];
  }

  @Override
  public void add(float[] x, int at, double[] into) {
    int outcome = outcomes.of(x, at);
    double within = outcomes.logWithin(outcome, x, at);
    double[] row = log[outcome];
    for (int k = 0; k < into.length; k++) {
      into[k] += row[k] + within;
    }
  }

  @Override
  public double[] inverse(float[] x, int at) {
    int outcome = outcomes.of(x, at);
    if (outcomes.values(outcome) == 0) {
      return null;
    }
    if (inverse[outcome] == null) {
      double[] row = log[outcome];
      inverse[outcome] =
          Arrays.stream(row).allMatch(value -> value > LEAST_LOG)
              ? Arrays.stream(row).map(value -> Math.exp(-value)).toArray()
              : NONE;
    }
    return inverse[outcome] == NONE ? null : inverse[outcome];
  }

  @Override
  public double[] drawable() {
    int count = outcomes.count();
    double[] drawable = new double[probability.length / count];
    for (int v = 0; v < count; v++) {
      for (int k = 0; outcomes.drawable(v) && k < drawable.length; k++) {
        drawable[k] += probability[k * count + v];
      }
    }
    // Rounding must not make more than all of it.
    return Arrays.stream(drawable).map(p -> Math.min(1, p)).toArray();
  }

  /**
   * Logits of values are divided by the temperature: those of a bin count as often as it has
   * values.
   */
  @Override
  public Sampler sampler(double temperature) {
    int count = outcomes.count();
    double[] tempered = new double[probability.length];
    for (int from = 0; from < tempered.length; from += count) {
      temper(from, temperature, tempered);
    }
    double[] cumulative = Probabilities.cumulative(tempered, count);
    return (state, outcomeKey, within, index, into, at) -> {
      double uniform = outcomeKey.uniform(index);
      int outcome = Probabilities.drawn(cumulative, state * count, count, uniform);
      outcomes.draw(outcome, within, index, into, at);
    };
  }

  private void temper(int from, double temperature, double[] into) {
    int count = outcomes.count();
    double largest = Double.NEGATIVE_INFINITY;
    for (int v = 0; v < count; v++) {
      double values = outcomes.values(v);
      boolean possible = outcomes.drawable(v) && probability[from + v] > 0;
      into[from + v] =
          possible
              ? Math.log(probability[from + v] / values) / temperature + Math.log(values)
              : Double.NEGATIVE_INFINITY;
      largest = Math.max(largest, into[from + v]);
    }
    double sum = 0;
    for (int v = 0; v < count; v++) {
      // A state whose values are all impossible to draw draws any of them.
      into[from + v] =
          largest == Double.NEGATIVE_INFINITY
              ? (outcomes.drawable(v) ? 1 : 0)
              : Math.exp(into[from + v] - largest);
      sum += into[from + v];
    }
    for (int v = from; v < from + count; v++) {
      into[v] /= sum;
    }
  }

  @Override
  public void mode(int state, float[] into, int at) {
    int best = -1;
    for (int v = 0; v < outcomes.count(); v++) {
      if (outcomes.drawable(v) && (best < 0 || log[v][state] > log[best][state])) {
        best = v;
      }
    }
    outcomes.middle(best, into, at);
  }
}
