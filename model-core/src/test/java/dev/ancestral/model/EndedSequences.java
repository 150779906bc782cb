package dev.ancestral.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.random.RandomKey;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.LongStream;

/** The laws of {@link Definition.LearnsEnds}, by all sequences of a few symbols. */
public final class EndedSequences {
  private static final RandomKey KEY = RandomKey.of(77);
  private static final int DRAWS = 4000;

  private EndedSequences() {}

  /** Two symbols and the end. */
  public static EventSpec twoSymbols() {
    return EventSpec.endedSequences(2, List.of());
  }

  /**
   * Every sequence over two symbols that has {@code symbols} of them.
   *
   * @param ended whether an end symbol follows
   */
  private static Batch all(int symbols, boolean ended) {
    int count = 1 << symbols;
    int steps = symbols + (ended ? 1 : 0);
    float[] values = new float[count * steps];
    for (int i = 0; i < count; i++) {
      for (int t = 0; t < symbols; t++) {
        values[i * steps + t] = (i >> t) & 1;
      }
      if (ended) {
        values[i * steps + symbols] = 2;
      }
    }
    int[] lengths = new int[count];
    Arrays.fill(lengths, steps);
    return new Batch(twoSymbols(), LongStream.range(0, count).toArray(), values, null, lengths);
  }

  private static double sum(ExactModel model, Batch batch) {
    return Arrays.stream(model.logProb(batch)).map(Math::exp).sum();
  }

  /**
   * What has ended after L symbols and what has not sum to 1 for each L, and the latter goes to 0:
   * the sum of p over sequences that end tends to 1.
   */
  public static void assertSumsToOne(ExactModel model, int most, double tolerance) {
    double ended = 0;
    double before = 1;
    for (int symbols = 0; symbols < most; symbols++) {
      ended += sum(model, all(symbols, true));
      double open = sum(model, all(symbols + 1, false));
      assertEquals(1, ended + open, tolerance, "after " + symbols + " symbols");
      assertTrue(open < before, open + " after " + before);
      before = open;
    }
    assertTrue(ended > 0.9, "only " + ended + " has ended: the test needs longer sequences");
  }

  /** Draws end by themselves, each with one end symbol, as often as p says. */
  public static void assertDrawsEnd(ExactModel model) {
    Batch drawn = model.sample(LongStream.range(0, DRAWS).toArray(), KEY, SampleRequest.plain());
    drawn.requireEnds();
    Map<List<Float>, Integer> counts = new HashMap<>();
    for (int i = 0; i < DRAWS; i++) {
      List<Float> sequence = new ArrayList<>();
      for (int t = 0; t < drawn.lengths()[i]; t++) {
        sequence.add(drawn.values()[i * drawn.steps() + t]);
      }
      counts.merge(sequence, 1, Integer::sum);
      for (int t = drawn.lengths()[i]; t < drawn.steps(); t++) {
        assertEquals(0, drawn.values()[i * drawn.steps() + t], "padding");
      }
    }
    for (int symbols = 0; symbols < 3; symbols++) {
      Batch some = all(symbols, true);
      double[] logProb = model.logProb(some);
      for (int i = 0; i < some.size(); i++) {
        List<Float> sequence = new ArrayList<>();
        for (int t = 0; t <= symbols; t++) {
          sequence.add(some.values()[i * (symbols + 1) + t]);
        }
        double p = Math.exp(logProb[i]);
        double error = Math.sqrt(p * (1 - p) / DRAWS);
        assertEquals(
            p, counts.getOrDefault(sequence, 0) / (double) DRAWS, 5 * error, "" + sequence);
      }
    }
  }

  /** A draw of few steps is the beginning of the draw of many, and may have no end. */
  public static void assertBoundCutsOff(ExactModel model) {
    long[] ids = LongStream.range(0, 64).toArray();
    Batch whole = model.sample(ids, KEY, SampleRequest.plain());
    Batch cut =
        model.sample(ids, KEY, new SampleRequest(OptionalInt.empty(), OptionalInt.of(2), 1));
    int unended = 0;
    for (int i = 0; i < ids.length; i++) {
      assertEquals(Math.min(2, whole.lengths()[i]), cut.lengths()[i]);
      assertEquals(whole.lengths()[i] <= 2, cut.ends(i));
      unended += cut.ends(i) ? 0 : 1;
      float[] beginning =
          Arrays.copyOfRange(
              whole.values(), i * whole.steps(), i * whole.steps() + cut.lengths()[i]);
      assertArrayEquals(
          beginning,
          Arrays.copyOfRange(cut.values(), i * cut.steps(), i * cut.steps() + cut.lengths()[i]));
    }
    assertTrue(unended > 0 && unended < ids.length, unended + " of " + ids.length);
  }

  /** A draw does not depend on when the draws beside it end. */
  public static void assertCompanyDoesNotMatter(ExactModel model) {
    long[] ids = LongStream.range(0, 16).toArray();
    Batch among = model.sample(ids, KEY, SampleRequest.plain());
    for (int i = 0; i < 4; i++) {
      long[] others = LongStream.range(1000, 1016).toArray();
      others[i] = i;
      Batch other = model.sample(others, KEY, SampleRequest.plain());
      assertEquals(among.lengths()[i], other.lengths()[i]);
      assertArrayEquals(
          Arrays.copyOfRange(
              among.values(), i * among.steps(), i * among.steps() + among.lengths()[i]),
          Arrays.copyOfRange(
              other.values(), i * other.steps(), i * other.steps() + other.lengths()[i]));
    }
  }
}
