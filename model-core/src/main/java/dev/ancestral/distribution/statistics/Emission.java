package dev.ancestral.distribution.statistics;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.tensor.NamedArrays;
import java.util.List;

/**
 * A family of distributions p(x | k) of D independent elements given one of K states, without its
 * parameters: what has to be counted, and what the counts imply.
 *
 * <p>Counts are float64 and {@link #merge}. An element that is NaN is missing: it is marginalised
 * out of the score and counted nowhere.
 */
public sealed interface Emission
    permits BernoulliEmission, CategoricalEmission, GaussianEmission, MixedEmission {
  /** What one task can hold of float64 counts: 2 GB. */
  int MOST_COUNTS = 1 << 28;

  /** K. */
  int states();

  /** D, elements of a row. */
  int size();

  /** The arrays that the distributions are made of. */
  List<String> parameterNames();

  /** Length of the counts. */
  int statisticsSize();

  /**
   * Prepares counts for a pass that begins with these parameters: deviations are counted from them
   * where that keeps digits. What was counted already stays.
   */
  default void centre(NamedArrays parameters, double[] statistics, int at) {
    // Whole numbers and weights need no centre.
  }

  /** Adds counts to others, those from {@code at} on in both: by default element by element. */
  default void merge(double[] from, double[] into, int at) {
    for (int i = at; i < at + statisticsSize(); i++) {
      into[i] += from[i];
    }
  }

  /**
   * Adds rows to the counts.
   *
   * @param x rows of D elements, the first at {@code offset}
   * @param weights how much of each row each state takes, [rows, K]
   * @param statistics counts, from {@code at} on
   */
  void accumulate(float[] x, int offset, int rows, double[][] weights, double[] statistics, int at);

  /** Adds the parameters of highest (smoothed) likelihood given the counts. */
  NamedArrays maximize(double[] statistics, int at, NamedArrays into);

  /**
   * Adds parameters from which EM may start, where the counts were weighted by {@link Exemplars}:
   * each state near its few exemplars, with no probability near 0 or 1.
   */
  NamedArrays start(double[] statistics, int at, NamedArrays into);

  /** Adds parameters that have the right shapes and know nothing of the data. */
  NamedArrays ignorant(NamedArrays into);

  /**
   * The distributions with these parameters.
   *
   * @throws AncestralException (MISMATCH) if an array is missing, has another shape or is no
   *     distribution
   */
  BoundEmission bind(NamedArrays parameters);

  /**
   * What is modelled.
   *
   * @param size D
   * @param levels V; 0 for real numbers
   * @param description for messages
   */
  record Elements(int size, int levels, String description) {}

  /**
   * The family of that name for the elements of an event.
   *
   * @param name {@code bernoulli}, {@code categorical} or {@code gaussian}
   * @throws AncestralException (MISMATCH) if the elements of the event do not suit it; (SPEC) if
   *     its parameters would not fit in memory
   */
  static Emission named(String name, Elements elements, int states, double smoothing) {
    boolean discrete = elements.levels() > 0;
    boolean suits =
        switch (name) {
          case "bernoulli" -> elements.levels() == 2;
          case "categorical" -> discrete;
          case "gaussian" -> !discrete;
          default -> throw new IllegalArgumentException("no emission is named '" + name + "'");
        };
    if (!suits) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "a "
              + name
              + " distribution cannot model events of "
              + elements.description()
              + "; it needs "
              + switch (name) {
                case "bernoulli" -> "2 levels: binarize the data, or choose categorical";
                case "categorical" -> "levels: choose gaussian";
                default -> "real numbers: set data.dequantize to uniform, or choose categorical";
              });
    }
    double kinds = discrete ? 3 : 4;
    double counts = kinds * states * elements.size() * Math.max(1, elements.levels());
    if (counts > MOST_COUNTS) {
      throw new AncestralException(
          ErrorCode.SPEC,
          states
              + " classes or states over "
              + elements.description()
              + " take about "
              + (long) counts
              + " counts; at most "
              + MOST_COUNTS
              + " can be kept: take fewer");
    }
    return switch (name) {
      case "bernoulli" -> new BernoulliEmission(states, elements.size(), smoothing);
      case "categorical" ->
          new CategoricalEmission(states, elements.size(), elements.levels(), smoothing);
      default -> new GaussianEmission(states, elements.size());
    };
  }
}
