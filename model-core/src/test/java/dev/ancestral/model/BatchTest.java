package dev.ancestral.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.model.dequantization.ModelledEvent;
import dev.ancestral.random.RandomKey;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BatchTest {
  private static final EventSpec SEQUENCE =
      new EventSpec(List.of(2), new EventSpec.Discrete(2), true, 3, List.of(), 0);

  @Test
  void the_number_of_values_follows_from_the_event() {
    Batch image = Batch.of(EventSpec.discrete(256, 2, 3), new long[] {1, 2}, new float[12]);
    assertEquals(1, image.steps());
    assertEquals(6, image.elements(1));
    assertEquals(6, image.observedElements(1));
    Batch sequence =
        new Batch(SEQUENCE, new long[] {1, 2}, new float[12], new int[2], new int[] {3, 1});
    assertEquals(3, sequence.steps());
    assertEquals(2, sequence.elements(1));
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () -> Batch.of(EventSpec.discrete(256, 2, 3), new long[] {1}, new float[7]));
    assertTrue(error.getMessage().contains("holds 6 values; it was given 7"));
  }

  @Test
  void a_slice_is_padded_to_its_own_longest() {
    float[] values = {1, 1, 1, 1, 1, 1, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0};
    Batch batch =
        new Batch(SEQUENCE, new long[] {7, 8, 9}, values, new int[] {0, 1, 2}, new int[] {3, 1, 2});
    Batch slice = batch.slice(1, 3);
    assertArrayEquals(new long[] {8, 9}, slice.ids());
    assertArrayEquals(new int[] {1, 2}, slice.labels());
    assertArrayEquals(new int[] {1, 2}, slice.lengths());
    assertArrayEquals(new float[] {0, 1, 0, 0, 1, 0, 1, 0}, slice.values());
    assertEquals(0, batch.slice(2, 2).size());
  }

  @Test
  void sequences_are_cut_after_their_end_and_those_of_another_form_are_refused() {
    EventSpec event = EventSpec.endedSequences(2, List.of());
    float[] values = {0, 1, 2, 1, 2, 2, 0, 0, 1, 1, 1, 1};
    Batch batch = new Batch(event, new long[] {7, 8, 9}, values, null, new int[] {4, 2, 4});
    Batch cut = batch.untilEnd();
    assertArrayEquals(new int[] {3, 1, 4}, cut.lengths());
    assertArrayEquals(new float[] {0, 1, 2, 0, 2, 0, 0, 0, 1, 1, 1, 1}, cut.values());
    assertTrue(cut.ends(0) && cut.ends(1) && !cut.ends(2));
    assertEquals(2, cut.slice(0, 2).requireEnds().size());
    // An end within, two of them, and none.
    for (int i = 0; i < 3; i++) {
      Batch one = batch.slice(i, i + 1);
      long id = one.ids()[0];
      AncestralException refusal = assertThrows(AncestralException.class, one::requireEnds);
      assertEquals(ErrorCode.DATA, refusal.code());
      assertTrue(refusal.getMessage().startsWith("sequence " + id), refusal.getMessage());
    }
    // What fitting and scoring see has gone through this.
    assertThrows(
        AncestralException.class,
        () -> ModelledEvent.of(event, "none").apply(batch, RandomKey.of(0)));
    assertThrows(AncestralException.class, () -> ModelledEvent.of(event, "uniform").event());
    assertThrows(IllegalArgumentException.class, () -> cut.requireOf(sequences(3)));
  }

  private static EventSpec sequences(int levels) {
    return new EventSpec(List.of(1), new EventSpec.Discrete(levels), true, 0, List.of(), 0);
  }

  @Test
  void events_describe_themselves() {
    assertEquals("28×28×1 with 256 levels", EventSpec.discrete(256, 28, 28, 1).describe());
    assertEquals("2 with 2 levels a step, any number of steps, 3 classes", SEQUENCE.describe());
    assertEquals("5 of real numbers", EventSpec.continuous(5).describe());
  }

  @Test
  void events_that_cannot_be_are_refused() {
    assertThrows(AncestralException.class, () -> EventSpec.discrete(1, 3));
    assertThrows(AncestralException.class, () -> EventSpec.discrete(2));
    assertThrows(AncestralException.class, () -> EventSpec.discrete(2, 3, 0));
    assertThrows(
        AncestralException.class, () -> EventSpec.endedSequences(1, List.of(EventSpec.END, "a")));
    EventSpec ended = EventSpec.endedSequences(1, List.of("a", EventSpec.END));
    assertThrows(AncestralException.class, () -> ended.withMissing(true));
    assertThrows(AncestralException.class, () -> ended.withElements(new EventSpec.Continuous()));
    assertEquals(1, ended.withClasses(3).endSymbol());
    assertEquals("log p(x)", Condition.of(ended).notation());
    assertEquals("log p(x | length)", Condition.of(SEQUENCE).notation());
  }
}
