package dev.ancestral.model.wavenet;

import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;

/**
 * The levels of a batch and those before it, step-major.
 *
 * @param levels of the steps −L to T − 1, [L + T, B]
 * @param known L
 * @param steps T
 * @param batch B
 */
record Past(Tensor levels, long known, long steps, long batch) {

  /** What the inputs say: {@code x}, and {@code context} where there is one. */
  static Past of(TensorMap inputs) {
    long[] shape = inputs.get("x").shape(); // [B, T, 1]
    Tensor levels = inputs.get("x").reshape(shape[0], shape[1]); // [B, T]
    long known = 0;
    if (inputs.contains(Crops.CONTEXT)) {
      Tensor context = inputs.get(Crops.CONTEXT); // [B, L]
      known = context.shape()[1];
      levels = context.concat(1, levels); // [B, L + T]
    }
    return new Past(levels.permute(1, 0), known, shape[1], shape[0]);
  }

  /** This past, with start symbols before it where it knows less than that many steps. */
  Past reaching(long early, int startSymbol) {
    if (early <= known) {
      return this;
    }
    Tensor start = levels.engine().full(startSymbol, early - known, batch);
    return new Past(start.concat(0, levels), early, steps, batch);
  }

  /** The levels of the steps {@code from} to {@code to} − 1, [(to − from) B]. */
  Tensor levels(long from, long to) {
    return levels.slice(0, known + from, known + to).reshape(-1);
  }

  /** The rows of the steps 0 to T − 1 of activations that begin {@code early} steps before. */
  Tensor ofEvent(Tensor activations, long early) {
    return early == 0 ? activations : activations.slice(0, early * batch, (early + steps) * batch);
  }
}
