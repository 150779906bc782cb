package dev.ancestral.model;

import dev.ancestral.random.RandomKey;

/**
 * What a {@link BoundModel} or an {@link ImplicitModel} can do besides when it has a decoder: be
 * scored through p(x) = ∫ N(z; 0, I) p(x | z) dz.
 */
public interface DecoderModel {

  /** p(x | z), over the events that {@link #observed} gives. */
  Decoder decoder();

  /**
   * The examples as the decoder sees them: the same, or dequantized.
   *
   * @param key example id uses {@code key.fold(id)}
   */
  default Batch observed(Batch x, RandomKey key) {
    return x;
  }

  /**
   * What log densities of the {@link #observed} examples say of the examples themselves, in nats,
   * [B].
   */
  default double[] nats(Batch x, double[] logDensity) {
    return logDensity;
  }
}
