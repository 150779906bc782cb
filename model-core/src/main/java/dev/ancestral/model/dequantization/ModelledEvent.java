package dev.ancestral.model.dequantization;

import dev.ancestral.AncestralException;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.GenerativeModel;
import dev.ancestral.random.RandomKey;
import java.io.Serializable;
import java.util.OptionalDouble;

/**
 * The way between an example as it is stored and the event whose distribution a model is: the one
 * place that fitting, validation, scoring, estimators and sampling take it from, so that the event
 * that is fitted is the event that is scored and drawn.
 *
 * <p>Laws: {@link #apply} gives batches of {@link #event}; a model of {@link #event} becomes by
 * {@link #model} one of {@link #stored}; and where the transformation is the identity, both are.
 *
 * @param stored what an example of the data is
 * @param dequantized whether discrete elements get uniform noise before a model sees them (see
 *     {@link Dequantization})
 */
public record ModelledEvent(EventSpec stored, boolean dequantized) implements Serializable {

  /** As it is written in specs and models: the elements as they are. */
  public static final String NONE = "none";

  /** As it is written in specs and models: uniform dequantization. */
  public static final String UNIFORM = "uniform";

  /**
   * The way that a spec or a model names.
   *
   * @param dequantize {@link #NONE} or {@link #UNIFORM}
   */
  public static ModelledEvent of(EventSpec stored, String dequantize) {
    if (!dequantize.equals(NONE) && !dequantize.equals(UNIFORM)) {
      throw new IllegalArgumentException(
          "dequantize is '" + dequantize + "'; it must be " + NONE + " or " + UNIFORM);
    }
    return new ModelledEvent(stored, dequantize.equals(UNIFORM));
  }

  /**
   * What a model is a distribution of.
   *
   * @throws AncestralException (MISMATCH) if elements that are real numbers already should be
   *     dequantized
   */
  public EventSpec event() {
    return dequantized ? Dequantization.event(stored) : stored;
  }

  /**
   * Stored examples as a model sees them.
   *
   * @param examples of {@link #stored}
   * @param key of the noise, if any: that of example id is a function of {@code key.fold(id)} alone
   * @return examples of {@link #event}
   */
  public Batch apply(Batch examples, RandomKey key) {
    examples.requireOf(stored).requireEnds();
    return dequantized ? Dequantization.apply(examples, key) : examples;
  }

  /**
   * What log densities of {@link #apply applied} examples say of the stored ones, in nats, [B]: the
   * same, or for dequantized ones a bound.
   */
  public double[] nats(Batch examples, double[] logDensity) {
    return dequantized ? Dequantization.discreteNats(examples, logDensity) : logDensity;
  }

  /**
   * Σ over examples of what their log density exceeds their {@link #nats} by, in nats: 0 where they
   * are the same.
   */
  public double cellNats(Batch examples) {
    double total = 0;
    if (dequantized) {
      for (int i = 0; i < examples.size(); i++) {
        total += examples.observedElements(i) * Math.log(stored.levels());
      }
    }
    return total;
  }

  /** {@link #cellNats(Batch)} of an example; empty where it is not the same for every one. */
  public OptionalDouble cellNats() {
    if (!dequantized) {
      return OptionalDouble.of(0);
    }
    return stored.variableLength() || stored.missing()
        ? OptionalDouble.empty()
        : OptionalDouble.of(stored.size() * Math.log(stored.levels()));
  }

  /**
   * A model of {@link #event} as one of {@link #stored}.
   *
   * @param inner closed with the result
   */
  public GenerativeModel model(GenerativeModel inner) {
    return dequantized ? Dequantization.model(inner, stored) : inner;
  }
}
