package dev.ancestral.data.source.synthetic;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Example;
import dev.ancestral.data.Payload;
import dev.ancestral.model.EventSpec;
import dev.ancestral.random.RandomKey;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.OptionalDouble;

/**
 * A first-order chain over K levels: the first is uniform, each following one stays with
 * probability s, else it is uniform among the others. With h = −s ln s − (1 − s) ln ((1 − s) / (K −
 * 1)), H = ln K + (T − 1) h.
 *
 * <p>As sequences, lengths are uniform from ⌈T/2⌉ to T, and H is the entropy given the length: the
 * expectation of the above. Where the end is learned, an end symbol follows, and H is that of
 * levels and length: more by the ln (T − ⌈T/2⌉ + 1) of the length.
 *
 * @param levels K
 * @param length T
 * @param stay s
 * @param sequence whether examples are sequences of varying length instead of vectors
 * @param learnedEnd whether sequences end with an end symbol
 */
public record Markov(int levels, int length, double stay, boolean sequence, boolean learnedEnd)
    implements Distribution {
  private static final long serialVersionUID = 1L;

  public Markov {
    if (learnedEnd && (!sequence || levels >= Payload.MOST_LEVELS)) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "markov learns ends, but its examples are "
              + (sequence ? "of too many levels" : "vectors")
              + "; it must have sequence: true and fewer than "
              + Payload.MOST_LEVELS
              + " levels");
    }
    if (levels < 2 || levels > Payload.MOST_LEVELS || length < 1 || !(stay >= 0 && stay <= 1)) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "markov has levels "
              + levels
              + ", length "
              + length
              + ", stay "
              + stay
              + "; they must be at least 2, at least 1, and from 0 to 1");
    }
  }

  /** Without an end symbol. */
  public Markov(int levels, int length, double stay, boolean sequence) {
    this(levels, length, stay, sequence, false);
  }

  @Override
  public EventSpec event() {
    if (learnedEnd) {
      return EventSpec.endedSequences(levels, List.of());
    }
    return sequence
        ? new EventSpec(List.of(1), new EventSpec.Discrete(levels), true, 0, List.of(), 0)
        : EventSpec.discrete(levels, length);
  }

  @Override
  public OptionalDouble entropyNats() {
    double step = Bernoulli.entropy(stay) + (1 - stay) * Math.log(levels - 1);
    double steps = sequence ? (shortest() + length) / 2.0 : length;
    double ofLength = learnedEnd ? Math.log(length - shortest() + 1) : 0;
    return OptionalDouble.of(Math.log(levels) + (steps - 1) * step + ofLength);
  }

  private int shortest() {
    return (length + 1) / 2;
  }

  @Override
  public Example draw(long id, RandomKey key) {
    int steps =
        sequence ? shortest() + (int) key.fold("length").below(0, length - shortest() + 1) : length;
    int stored = learnedEnd ? steps + 1 : steps;
    EventSpec event = event();
    ByteBuffer payload =
        ByteBuffer.allocate(stored * Payload.width(event)).order(ByteOrder.LITTLE_ENDIAN);
    int level = (int) key.below(0, levels);
    Payload.put(event, level, payload);
    for (int t = 1; t < steps; t++) {
      if (key.uniform(2L * t) >= stay) {
        int other = (int) key.below(2L * t + 1, levels - 1);
        level = other < level ? other : other + 1;
      }
      Payload.put(event, level, payload);
    }
    if (learnedEnd) {
      Payload.put(event, event.endSymbol(), payload);
    }
    return new Example(id, payload.array(), Example.NONE, sequence ? stored : Example.NONE);
  }

  @Override
  public String toString() {
    return "markov levels "
        + levels
        + " length "
        + length
        + " stay "
        + stay
        + (sequence ? " sequences" : "")
        + (learnedEnd ? " with ends" : "");
  }
}
