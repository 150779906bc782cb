package dev.ancestral.model;

import dev.ancestral.random.RandomKey;

/** An implicit model of dequantized values whose draws are put back into the cells of levels. */
final class QuantizedSampler implements ImplicitModel {
  private final ImplicitModel inner;
  private final EventSpec discrete;

  QuantizedSampler(ImplicitModel inner, EventSpec discrete) {
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
}
