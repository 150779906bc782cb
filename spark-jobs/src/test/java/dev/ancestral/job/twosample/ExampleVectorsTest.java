package dev.ancestral.job.twosample;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExampleVectorsTest {

  @Test
  void levels_are_divided_by_the_largest_one() {
    EventSpec event = EventSpec.discrete(5, 3);
    ExampleVectors vectors = ExampleVectors.of(event);
    Batch batch = Batch.of(event, new long[] {1, 2}, new float[] {0, 1, 4, 2, 2, 3});
    float[] raw = vectors.raw(batch, 1);
    assertArrayEquals(new float[] {2, 2, 3}, raw, 0);
    assertArrayEquals(
        new float[] {0.5f, 0.5f, 0.75f}, vectors.vector(raw, vectors.length(batch, 1), null), 0);
  }

  @Test
  void what_is_missing_in_the_partner_is_missing_in_the_sample() {
    EventSpec event = EventSpec.continuous(3);
    ExampleVectors vectors = ExampleVectors.of(event);
    float[] partner = {1, Float.NaN, 3};
    assertArrayEquals(new float[] {7, 0, 9}, vectors.vector(new float[] {7, 8, 9}, 1, partner), 0);
    assertArrayEquals(new float[] {1, 0, 3}, vectors.vector(partner, 1, null), 0);
  }

  @Test
  void sequences_are_cut_to_their_length_and_padded() {
    EventSpec event = new EventSpec(List.of(2), new EventSpec.Continuous(), true, 0, List.of(), 0);
    ExampleVectors vectors = new ExampleVectors(event, 3);
    Batch batch =
        new Batch(
            event,
            new long[] {1, 2},
            new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 0, 0, 0, 0, 0, 0},
            null,
            new int[] {4, 1});
    assertEquals(3, vectors.length(batch, 0));
    assertArrayEquals(
        new float[] {1, 2, 3, 4, 0, 0}, vectors.vector(vectors.raw(batch, 0), 2, null), 0);
    assertArrayEquals(
        new float[] {9, 10, 0, 0, 0, 0},
        vectors.vector(vectors.raw(batch, 1), vectors.length(batch, 1), null),
        0);
  }

  @Test
  void large_events_are_thinned_out() {
    EventSpec event = EventSpec.continuous(10_000);
    ExampleVectors vectors = ExampleVectors.of(event);
    float[] values = new float[10_000];
    for (int d = 0; d < values.length; d++) {
      values[d] = d;
    }
    float[] raw = vectors.raw(Batch.of(event, new long[] {1}, values), 0);
    assertTrue(raw.length <= ExampleVectors.MOST_ELEMENTS);
    assertEquals(3, raw[1]);
    assertEquals(9999, raw[raw.length - 1]);
  }

  @Test
  void texts_become_frequencies_of_characters_and_pairs() {
    EventSpec event =
        new EventSpec(List.of(1), new EventSpec.Discrete(3), true, 0, List.of("a", "b", "c"), 0);
    ExampleVectors vectors = new ExampleVectors(event, 8);
    float[] vector = vectors.vector(new float[] {0, 1, 0, 1, 2, 0, 0, 0}, 4, null);
    assertEquals(3 + ExampleVectors.PAIRS, vector.length);
    assertArrayEquals(
        new float[] {(float) Math.sqrt(0.5), (float) Math.sqrt(0.5), 0},
        java.util.Arrays.copyOf(vector, 3),
        1e-6f);
    double pairs = 0;
    for (int i = 3; i < vector.length; i++) {
      pairs += vector[i] * vector[i];
    }
    assertEquals(0.75, pairs, 1e-6, "three pairs of four steps");
  }

  /** A draw that is longer than the example it is compared with is not made as short. */
  @Test
  void a_learned_end_gives_draws_lengths_of_their_own() {
    ExampleVectors ended = new ExampleVectors(EventSpec.endedSequences(2, List.of()), 4);
    assertEquals(3, ended.length(new float[] {0, 1, 2, 0}, 1));
    assertEquals(4, ended.length(new float[] {0, 1, 1, 0}, 1));
    EventSpec given = new EventSpec(List.of(1), new EventSpec.Discrete(3), true, 0, List.of(), 0);
    assertEquals(1, new ExampleVectors(given, 4).length(new float[] {0, 1, 2, 0}, 1));
  }
}
