package dev.ancestral.model;

import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import java.util.List;

/** A network whose log p(x) is exact: autoregressive models, flows. */
public non-sealed interface ExactNetwork extends Network {

  /** log p(x) in nats, [B]. */
  Tensor logProb(TensorMap weights, TensorMap inputs);

  @Override
  default List<Player> players() {
    return List.of(new Player("model", "", 1, List.of(), this::logProb));
  }
}
