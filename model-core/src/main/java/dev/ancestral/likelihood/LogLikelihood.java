package dev.ancestral.likelihood;

import java.util.OptionalDouble;

/**
 * A held-out log-likelihood with what is needed to read it: its kind, unit, count and errors.
 *
 * <p>Unit: nats; the sign is that of log p(x), so for discrete events it is negative.
 *
 * @param kind whether it is the value, a bound on it or an estimate
 * @param estimator that made it: {@code exact}, {@code elbo}, {@code iwae}, ...
 * @param examples how many were scored
 * @param elements of all examples together: pixels, time steps times their size, characters
 * @param meanNats mean of log p(x) over the examples
 * @param standardError of that mean, over examples; NaN of fewer than two
 * @param monteCarloError standard deviation of the mean over repeats of a random estimator
 * @param discrete whether p is a probability; a density has no bits per dimension
 */
public record LogLikelihood(
    Kind kind,
    String estimator,
    long examples,
    long elements,
    double meanNats,
    double standardError,
    OptionalDouble monteCarloError,
    boolean discrete) {

  /** What a number says about log p(x). */
  public enum Kind {
    /** It is log p(x). */
    EXACT,
    /** It is at most log p(x), in expectation. */
    LOWER_BOUND,
    /** It is at least log p(x), in expectation. */
    UPPER_BOUND,
    /** It is near log p(x), on either side. */
    ESTIMATE
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

  /** The log-likelihood of scores in nats whose estimator is not repeated. */
  public static LogLikelihood of(
      Kind kind, String estimator, Moments nats, long elements, boolean discrete) {
    return new LogLikelihood(
        kind,
        estimator,
        nats.count(),
        elements,
        nats.mean(),
        nats.standardError(),
        OptionalDouble.empty(),
        discrete);
  }

  /** Σ log p(x) over all examples. */
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
}
