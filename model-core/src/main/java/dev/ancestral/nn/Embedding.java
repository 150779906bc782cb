package dev.ancestral.nn;

import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.ParameterLayout.Initializer;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;

/**
 * A table with a row for each symbol: symbols [..] → [.., width].
 *
 * <p>Parameter: {@code name} [symbols, width].
 *
 * @param name of the table
 * @param symbols rows of the table
 * @param width numbers a row
 * @param initial how the table starts
 */
public record Embedding(String name, long symbols, long width, Initializer initial) {

  /** Appends the parameter. */
  public void declare(ParameterLayout.Builder layout) {
    layout.add(name, initial, symbols, width);
  }

  /** The rows of whole numbers from 0 to symbols − 1. */
  public Tensor apply(TensorMap weights, Tensor index) {
    return weights.get(name).rows(index);
  }
}
