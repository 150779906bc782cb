package dev.ancestral.estimator;

import java.util.Map;
import java.util.OptionalInt;

/**
 * What is asked of an estimator.
 *
 * @param samples draws an example; empty for the estimator's default
 * @param seed of the draws that are common to all examples
 * @param values of its {@link Setting}s, by their names; those that were not given are absent
 */
public record EstimatorOptions(OptionalInt samples, long seed, Map<String, Object> values) {

  public EstimatorOptions {
    values = Map.copyOf(values);
  }

  /** The value of a whole number, or a default. */
  public int whole(Setting setting, int byDefault) {
    return ((Number) values.getOrDefault(setting.name(), byDefault)).intValue();
  }

  /** The value of a number, or a default. */
  public double number(Setting setting, double byDefault) {
    return ((Number) values.getOrDefault(setting.name(), byDefault)).doubleValue();
  }

  /** The value of a word, or a default. */
  public String word(Setting setting, String byDefault) {
    return (String) values.getOrDefault(setting.name(), byDefault);
  }
}
