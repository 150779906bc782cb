package dev.ancestral.likelihood;

import dev.ancestral.model.Condition;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * A held-out log-likelihood with what is needed to read it: its kind, condition, unit, count and
 * errors.
 *
 * <p>Unit: nats; the sign is that of log p(x), so for discrete events it is negative. Below, log p
 * is the one that the condition names.
 *
 * @param kind whether it is the value, a bound on it or an estimate
 * @param condition which distribution it is of: p(x), p(x | label), ...
 * @param estimator that made it: {@code exact}, {@code elbo}, {@code iwae}, ...
 * @param examples how many were scored
 * @param elements of all examples together: pixels, time steps times their size, characters, and
 *     where labels are modelled one more an example
 * @param meanNats mean of log p over the examples
 * @param standardError of that mean, over examples; NaN of fewer than two
 * @param monteCarloError standard deviation of the mean over repeats of a random estimator
 * @param natsPerElementError standard error of {@link #natsPerElement}, as {@link RatioMoments} has
 *     it; NaN of fewer than two examples, and of reports of earlier versions
 * @param discrete whether p is a probability; a density has no bits per dimension
 */
public record LogLikelihood(
    Kind kind,
    Condition condition,
    String estimator,
    long examples,
    long elements,
    double meanNats,
    double standardError,
    OptionalDouble monteCarloError,
    double natsPerElementError,
    boolean discrete) {

  /** What a number says about log p. */
  public enum Kind {
    /** It is log p. */
    EXACT("="),
    /** It is at most log p, in expectation. */
    LOWER_BOUND("≥"),
    /** It is at least log p, in expectation. */
    UPPER_BOUND("≤"),
    /** It is near log p, on either side. */
    ESTIMATE("≈");

    private final String relation;

    Kind(String relation) {
      this.relation = relation;
    }

    /** As it is written: {@code lower-bound}. */
    public String text() {
      return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The sign between log p and the number. */
    public String relation() {
      return relation;
    }
  }

  /** What the number says: {@code log p(x | label) ≥}. */
  public String statement() {
    return condition.notation() + " " + kind.relation();
  }

  public LogLikelihood {
    if (examples < 1 || elements < 1) {
      throw new IllegalArgumentException(
          "a log-likelihood of "
              + examples
              + " examples with "
              + elements
              + " elements; both must be at least 1");
    }
  }

  /**
   * The log-likelihood of scores in nats whose estimator is not repeated, of examples that all have
   * equally many elements.
   */
  public static LogLikelihood of(
      Kind kind,
      Condition condition,
      String estimator,
      Moments nats,
      long elements,
      boolean discrete) {
    return new LogLikelihood(
        kind,
        condition,
        estimator,
        nats.count(),
        elements,
        nats.mean(),
        nats.standardError(),
        OptionalDouble.empty(),
        nats.standardError() * nats.count() / elements,
        discrete);
  }

  /** Σ log p over all examples. */
  public double totalNats() {
    return meanNats * examples;
  }

  /** Total nats over total elements. */
  public double natsPerElement() {
    return totalNats() / elements;
  }

  /** −total nats / (elements · ln 2), of discrete events only. */
  public OptionalDouble bitsPerDim() {
    return discrete
        ? OptionalDouble.of(-totalNats() / (elements * Math.log(2)))
        : OptionalDouble.empty();
  }

  /** The standard error of {@link #bitsPerDim}: that of nats per element, over ln 2. */
  public OptionalDouble bitsPerDimError() {
    return discrete ? OptionalDouble.of(natsPerElementError / Math.log(2)) : OptionalDouble.empty();
  }

  /** Nats per element and bits per dimension for a person, each with its error if it is known. */
  public String perElement() {
    String nats = withError(natsPerElement(), natsPerElementError) + " nats an element";
    return bitsPerDim().isEmpty()
        ? nats
        : nats
            + ", "
            + withError(bitsPerDim().getAsDouble(), bitsPerDimError().getAsDouble())
            + " bits/dim";
  }

  private static String withError(double value, double error) {
    return Double.isNaN(error)
        ? String.format(Locale.ROOT, "%.6f", value)
        : String.format(Locale.ROOT, "%.6f ± %.6f", value, error);
  }
}
