package dev.ancestral.job.train.checkpoint;

import dev.ancestral.job.observe.ObserveSpec;
import dev.ancestral.job.train.spec.TrainSpec;
import java.util.Map;

/**
 * What to fit.
 *
 * @param seed of everything random
 * @param family name or class name
 * @param model the keys under {@code model:} but the family
 * @param dequantize {@code none} or {@code uniform}
 * @param train the keys under {@code train:}
 * @param output directory of the run
 * @param spec the whole spec as it was given, for provenance
 * @param observe the observers of its metrics
 */
public record TrainRequest(
    long seed,
    String family,
    Map<String, Object> model,
    String dequantize,
    TrainSpec train,
    String output,
    Map<String, Object> spec,
    ObserveSpec observe) {

  /** A request without observers. */
  public TrainRequest(
      long seed,
      String family,
      Map<String, Object> model,
      String dequantize,
      TrainSpec train,
      String output,
      Map<String, Object> spec) {
    this(seed, family, model, dequantize, train, output, spec, ObserveSpec.NONE);
  }
}
