package dev.ancestral.model;

import dev.ancestral.random.RandomKey;

/** A sampler of dequantized values as a sampler of the discrete events whose cells they fall in. */
class DequantizedSampler implements ImplicitModel {
  private final GenerativeModel inner;
  private final EventSpec discrete;

  DequantizedSampler(GenerativeModel inner, EventSpec discrete) {
    this.inner = inner;
    this.discrete = discrete;
  }

  @Override
  public EventSpec event() {
    return discrete;
  }

  @Override
  public Batch sample(long[] ids, RandomKey key, SampleRequest request) {
    return Dequantization.quantize(inner.sample(ids, key, request), discrete);
  }

  @Override
  public void close() {
    inner.close();
  }

  /** One with a decoder, whose density is that of the dequantized values. */
  static final class WithDecoder extends DequantizedSampler implements DecoderModel {
    private final DecoderModel inner;

    WithDecoder(GenerativeModel inner, DecoderModel decoder, EventSpec discrete) {
      super(inner, discrete);
      this.inner = decoder;
    }

    @Override
    public Decoder decoder() {
      return inner.decoder();
    }

    @Override
    public Batch observed(Batch x, RandomKey key) {
      return Dequantization.apply(x, key);
    }

    @Override
    public double[] nats(Batch x, double[] logDensity) {
      return Dequantization.discreteNats(x, logDensity);
    }
  }
}
