package dev.ancestral.model;

import java.util.OptionalInt;

/**
 * What is asked of a sampler beyond its seed.
 *
 * @param label the class to draw from, for conditional models
 * @param length number of steps, for sequences
 * @param temperature divides the logits of discrete draws; 1 is the model itself
 */
public record SampleRequest(OptionalInt label, OptionalInt length, double temperature) {
  public SampleRequest {
    if (!(temperature > 0)) {
      throw new dev.ancestral.Refusal(
          dev.ancestral.Refusal.Kind.SPEC,
          "temperature is " + temperature + "; it must be above 0 (1 draws from the model itself)");
    }
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
