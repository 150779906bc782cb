package dev.ancestral.job.train;

import dev.ancestral.model.Definition;
import dev.ancestral.model.Dequantization;
import dev.ancestral.model.EventSpec;
import dev.ancestral.model.Families;
import dev.ancestral.model.Settings;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What a process needs to write a model's mathematics down again: executors build the definition
 * themselves, so a user's family need not be serializable.
 *
 * @param family name or class name
 * @param model the keys under {@code model:} but the family
 * @param event what an example of the data is
 * @param dequantize {@code none} or {@code uniform}
 */
public record Recipe(
    String family, LinkedHashMap<String, Object> model, EventSpec event, String dequantize)
    implements Serializable {

  /** The recipe of a family with these settings. */
  public static Recipe of(
      String family, Map<String, Object> model, EventSpec event, String dequantize) {
    return new Recipe(family, new LinkedHashMap<>(model), event, dequantize);
  }

  /** Whether discrete data get uniform noise before the model sees them. */
  boolean isDequantized() {
    return dequantize.equals("uniform");
  }

  /**
   * What a log density of dequantized data exceeds the bound on log P(x) by, D log levels (see
   * {@link Dequantization#discreteNats}); 0 for a model of the data themselves, empty where D is
   * not the same for every example.
   */
  OptionalDouble cellNats() {
    if (!isDequantized()) {
      return OptionalDouble.of(0);
    }
    return event.variableLength() || event.missing()
        ? OptionalDouble.empty()
        : OptionalDouble.of(event.size() * Math.log(event.levels()));
  }

  /**
   * The definition.
   *
   * @throws dev.ancestral.Refusal (SPEC or MISMATCH) if the family is not there or refuses
   */
  public Definition define() {
    return Families.define(
        family, Settings.of(model), isDequantized() ? Dequantization.event(event) : event);
  }
}
