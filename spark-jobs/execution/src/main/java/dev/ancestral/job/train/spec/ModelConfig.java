package dev.ancestral.job.train.spec;

import dev.ancestral.config.Settings;
import dev.ancestral.model.Definition;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Families;
import dev.ancestral.model.dequantization.ModelledEvent;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a process needs to write a model's mathematics down again: executors build the definition
 * themselves, so a user's family need not be serializable.
 *
 * @param family name or class name
 * @param model the keys under {@code model:} but the family
 * @param event what an example of the data is
 * @param dequantize {@code none} or {@code uniform}
 */
public record ModelConfig(
    String family, LinkedHashMap<String, Object> model, EventSpec event, String dequantize)
    implements Serializable {

  /** The recipe of a family with these settings. */
  public static ModelConfig of(
      String family, Map<String, Object> model, EventSpec event, String dequantize) {
    return new ModelConfig(family, new LinkedHashMap<>(model), event, dequantize);
  }

  /** The way from stored examples to what the model sees, and back. */
  public ModelledEvent modelled() {
    return ModelledEvent.of(event, dequantize);
  }

  /**
   * The definition.
   *
   * @throws dev.ancestral.AncestralException (SPEC or MISMATCH) if the family is not there or
   *     refuses
   */
  public Definition define() {
    return Families.define(family, Settings.of(model), modelled().event());
  }
}
