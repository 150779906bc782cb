package dev.ancestral.tensor;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Float64 arrays by name, in a fixed order: the parameters of a model that learns from statistics.
 */
public record NamedArrays(Map<String, Array> byName) {

  /**
   * An array.
   *
   * @param shape sizes of the axes
   * @param values row-major
   */
  public record Array(List<Integer> shape, double[] values) {
    public Array {
      shape = List.copyOf(shape);
      int size = shape.stream().reduce(1, Math::multiplyExact);
      if (values.length != size) {
        throw new IllegalArgumentException(
            "an array of shape "
                + shape
                + " holds "
                + size
                + " values; it was given "
                + values.length);
      }
    }
  }

  public NamedArrays {
    byName = Collections.unmodifiableMap(new LinkedHashMap<>(byName));
  }

  /** No arrays; {@link #with} adds. */
  public static NamedArrays empty() {
    return new NamedArrays(Map.of());
  }

  public NamedArrays with(String name, double[] values, Integer... shape) {
    Map<String, Array> more = new LinkedHashMap<>(byName);
    more.put(name, new Array(List.of(shape), values));
    return new NamedArrays(more);
  }

  /**
   * Checks that there are no arrays beside these.
   *
   * @throws dev.ancestral.AncestralException (MISMATCH) if there are
   */
  public void requireOnly(List<String> names) {
    List<String> others = byName.keySet().stream().filter(name -> !names.contains(name)).toList();
    if (!others.isEmpty()) {
      throw new dev.ancestral.AncestralException(
          dev.ancestral.ErrorCode.MISMATCH,
          "the parameters hold "
              + others
              + ", which this model does not have; it has "
              + names
              + ": remove the others, or pass the model.json that they belong to");
    }
  }

  /**
   * The array of that name, after checking its shape.
   *
   * @throws dev.ancestral.AncestralException (MISMATCH) if it is missing or has another shape
   */
  public double[] array(String name, Integer... shape) {
    Array array = byName.get(name);
    if (array == null) {
      throw new dev.ancestral.AncestralException(
          dev.ancestral.ErrorCode.MISMATCH,
          "the parameters lack '" + name + "'; they hold " + byName.keySet());
    }
    if (!array.shape().equals(List.of(shape))) {
      throw new dev.ancestral.AncestralException(
          dev.ancestral.ErrorCode.MISMATCH,
          "parameter '"
              + name
              + "' has shape "
              + array.shape()
              + "; this model needs "
              + List.of(shape));
    }
    return array.values();
  }
}
