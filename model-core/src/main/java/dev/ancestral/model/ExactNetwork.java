package dev.ancestral.model;

import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;
import java.util.List;

/** A network whose log p(x) is exact: autoregressive models, flows. */
public non-sealed interface ExactNetwork extends Network {

  /** log p(x) in nats, [B]. */
  Tensor logProb(TensorMap weights, TensorMap inputs);

  /**
   * What {@link #logProb} is asked for to score a batch: the batch, unless its examples are too
   * long to be held at once. log p of an example is the sum over the pieces.
   */
  default List<View> pieces(Batch batch) {
    return List.of(View.whole(batch));
  }

  @Override
  default List<Player> players() {
    return List.of(new Player("model", "", 1, List.of(), this::logProb));
  }
}
