package dev.ancestral.data.source.synthetic;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Example;
import dev.ancestral.model.EventSpec;
import dev.ancestral.random.RandomKey;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * Independent elements: element i is 1 with probability pᵢ. H = −Σᵢ (pᵢ ln pᵢ + (1 − pᵢ) ln (1 −
 * pᵢ)).
 *
 * @param probabilities pᵢ, each in [0, 1]
 */
public record Bernoulli(List<Double> probabilities) implements Distribution {
  private static final long serialVersionUID = 1L;

  public Bernoulli {
    probabilities = List.copyOf(probabilities);
    if (probabilities.isEmpty() || probabilities.stream().anyMatch(p -> !(p >= 0 && p <= 1))) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "probabilities are " + probabilities + "; there must be some, each from 0 to 1");
    }
  }

  /** Probabilities that rise evenly: pᵢ = (i + 1) / (n + 1). */
  public static Bernoulli rising(int size) {
    return new Bernoulli(IntStream.range(0, size).mapToObj(i -> (i + 1) / (size + 1.0)).toList());
  }

  /** Entropy of one binary element in nats. */
  static double entropy(double p) {
    return p == 0 || p == 1 ? 0 : -p * Math.log(p) - (1 - p) * Math.log(1 - p);
  }

  @Override
  public EventSpec event() {
    return EventSpec.discrete(2, probabilities.size());
  }

  @Override
  public OptionalDouble entropyNats() {
    return OptionalDouble.of(probabilities.stream().mapToDouble(Bernoulli::entropy).sum());
  }

  @Override
  public Example draw(long id, RandomKey key) {
    byte[] payload = new byte[probabilities.size()];
    for (int i = 0; i < payload.length; i++) {
      payload[i] = (byte) (key.uniform(i) < probabilities.get(i) ? 1 : 0);
    }
    return new Example(id, payload, Example.NONE, Example.NONE);
  }

  @Override
  public String toString() {
    return "bernoulli" + probabilities;
  }
}
