package dev.ancestral.data.source.synthetic;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Example;
import dev.ancestral.data.Payload;
import dev.ancestral.model.EventSpec;
import dev.ancestral.random.RandomKey;
import java.util.OptionalDouble;

/**
 * A correlated normal distribution: variance 1, covariance ρ^|i−j|. Its differential entropy is H =
 * (n ln (2πe) + (n − 1) ln (1 − ρ²)) / 2.
 *
 * @param size n
 * @param correlation ρ
 */
public record Gaussian(int size, double correlation) implements Distribution {
  private static final long serialVersionUID = 1L;

  public Gaussian {
    if (size < 1 || !(correlation > -1 && correlation < 1)) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "gaussian has size "
              + size
              + " and correlation "
              + correlation
              + "; they must be at least 1, and between -1 and 1");
    }
  }

  @Override
  public EventSpec event() {
    return EventSpec.continuous(size);
  }

  @Override
  public OptionalDouble entropyNats() {
    return OptionalDouble.of(
        (size * Math.log(2 * Math.PI * Math.E)
                + (size - 1) * Math.log(1 - correlation * correlation))
            / 2);
  }

  @Override
  public Example draw(long id, RandomKey key) {
    float[] values = new float[size];
    key.fillNormal(0, values, 0, size);
    double innovation = Math.sqrt(1 - correlation * correlation);
    for (int i = 1; i < size; i++) {
      values[i] = (float) (correlation * values[i - 1] + innovation * values[i]);
    }
    return new Example(id, Payload.encode(event(), values, 0, size), Example.NONE, Example.NONE);
  }

  @Override
  public String toString() {
    return "gaussian size " + size + " correlation " + correlation;
  }
}
