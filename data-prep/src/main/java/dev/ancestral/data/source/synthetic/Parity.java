package dev.ancestral.data.source.synthetic;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Example;
import dev.ancestral.model.EventSpec;
import dev.ancestral.random.RandomKey;
import java.util.OptionalDouble;

/**
 * Fair bits whose sum is even: any n − 1 of them are independent, all n are not. H = (n − 1) ln 2;
 * a model of independent elements cannot get below n ln 2.
 *
 * @param size n
 */
public record Parity(int size) implements Distribution {
  private static final long serialVersionUID = 1L;

  public Parity {
    if (size < 2) {
      throw new AncestralException(
          ErrorCode.SPEC, "parity has size " + size + "; it must be at least 2");
    }
  }

  @Override
  public EventSpec event() {
    return EventSpec.discrete(2, size);
  }

  @Override
  public OptionalDouble entropyNats() {
    return OptionalDouble.of((size - 1) * Math.log(2));
  }

  @Override
  public Example draw(long id, RandomKey key) {
    byte[] payload = new byte[size];
    int sum = 0;
    for (int i = 0; i < size - 1; i++) {
      payload[i] = (byte) key.below(i, 2);
      sum ^= payload[i];
    }
    payload[size - 1] = (byte) sum;
    return new Example(id, payload, Example.NONE, Example.NONE);
  }

  @Override
  public String toString() {
    return "parity of " + size;
  }
}
