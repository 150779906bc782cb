package dev.ancestral.tensor;

import java.util.Map;

/** Tensors by name: the weights of a network or the inputs of its loss. */
public record TensorMap(Engine engine, Map<String, Tensor> byName) {

  public TensorMap {
    byName = Map.copyOf(byName);
  }

  /**
   * The tensor of that name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public Tensor get(String name) {
    Tensor tensor = byName.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "no tensor is named '"
              + name
              + "'; there are "
              + byName.keySet().stream().sorted().toList());
    }
    return tensor;
  }

  public boolean contains(String name) {
    return byName.containsKey(name);
  }
}
