package dev.ancestral.model;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.util.OptionalInt;

/**
 * What is asked of a sampler beyond its seed.
 *
 * @param label the class to draw from, for conditional models
 * @param length number of steps, for sequences; where their end is learned, the most steps
 * @param temperature divides the logits of discrete draws; 1 is the model itself
 */
public record SampleRequest(OptionalInt label, OptionalInt length, double temperature) {
  /** Most steps of a draw that ends by itself, where no length is asked for. */
  public static final int MOST_STEPS = 4096;

  public SampleRequest {
    if (!(temperature > 0)) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "temperature is " + temperature + "; it must be above 0 (1 draws from the model itself)");
    }
  }

  /**
   * How many steps to draw; where the end of a sequence is learned, how many at most.
   *
   * @throws AncestralException (SPEC) if a length is needed and none given, or it is below 1
   */
  public int steps(EventSpec event) {
    int steps =
        event.learnedEnd()
            ? length.orElse(MOST_STEPS)
            : length.orElseThrow(
                () ->
                    new AncestralException(
                        ErrorCode.SPEC,
                        "no length is given; sequences need one: how many steps to draw"));
    if (steps < 1) {
      throw new AncestralException(
          ErrorCode.SPEC, "length " + steps + " is asked for; it must be at least 1");
    }
    return steps;
  }

  /** The same for a label. */
  public SampleRequest withLabel(int given) {
    return new SampleRequest(OptionalInt.of(given), length, temperature);
  }

  /** The model itself: no label, no length, temperature 1. */
  public static SampleRequest plain() {
    return new SampleRequest(OptionalInt.empty(), OptionalInt.empty(), 1);
  }
}
