package dev.ancestral.model;

import dev.ancestral.tensor.Engine;
import dev.ancestral.tensor.Tensor;
import dev.ancestral.tensor.TensorMap;

/**
 * A {@link DecoderNetwork} with its parameters: p(x) = ∫ N(z; 0, I) p(x | z) dz.
 *
 * <p>It reads the parameters of its model as they are at each call, and must not outlive it.
 */
public final class Decoder {
  private final DecoderNetwork network;
  private final EventSpec event;
  private final TensorMap weights;

  /** The decoder of a network for such events with these weights. */
  public Decoder(DecoderNetwork network, EventSpec event, TensorMap weights) {
    this.network = network;
    this.event = event;
    this.weights = weights;
  }

  /** What x is. */
  public EventSpec event() {
    return event;
  }

  /** L, the number of elements of z. */
  public int latentSize() {
    return network.latentSize();
  }

  /** What computes. */
  public Engine engine() {
    return weights.engine();
  }

  /** The mean of every element in the units of x: z [N, L] → [N, D]. */
  public Tensor mean(Tensor z) {
    return network.decode(weights, z);
  }

  /** log p(x | z) in nats, [K, B], of x [B, shape...] under z [K, B, L]; differentiable in z. */
  public Tensor logLikelihood(Tensor x, Tensor z) {
    return network.logLikelihood(weights, x, z);
  }

  /** The random input of {@link #observe}. */
  public Network.Noise observationNoise() {
    return network.observationNoise();
  }

  /** x ~ p(x | z): z [N, L] → [N, D]. */
  public Tensor observe(Tensor z, Tensor noise) {
    return network.observe(weights, z, noise);
  }
}
