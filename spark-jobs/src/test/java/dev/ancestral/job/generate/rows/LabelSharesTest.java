package dev.ancestral.job.generate.rows;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LabelSharesTest {

  @Test
  void counts_are_those_of_the_largest_remainders() {
    // 11 · (1, 2, 3) / 6 = 1.83, 3.67, 5.5: two more go to the first and the second.
    LabelShares.Allocation counts =
        LabelShares.parse("a=1, b=2 ,c=3").allocate(11, List.of(2, 0, 1), 4);
    assertArrayEquals(new long[] {4, 5, 2, 0}, counts.counts());
    // Of equal remainders the first named comes first.
    assertArrayEquals(
        new long[] {4, 3, 3},
        LabelShares.parse("a=.1,b=0.1,c=1e-1").allocate(10, List.of(0, 1, 2), 3).counts());
    // Exact where a double is not.
    long most = 1L << 40;
    assertArrayEquals(
        new long[] {1, most - 1},
        LabelShares.parse("a=1,b=" + (most - 1)).allocate(most, List.of(0, 1), 2).counts());
  }

  @Test
  void every_class_is_drawn_as_often_as_it_is_counted_and_all_over_the_ids() {
    for (long count : new long[] {1, 2, 3, 10, 97, 1000, 4096}) {
      LabelShares.Allocation allocation =
          LabelShares.parse("a=0.2,b=0.3,c=0.5").allocate(count, List.of(0, 1, 2), 3);
      long[] drawn = new long[3];
      for (long id = 0; id < count; id++) {
        drawn[allocation.label(id)]++;
        double expected = 0.5 * (id + 1);
        assertTrue(Math.abs(drawn[2] - expected) < 8, "after " + id + " of " + count);
      }
      assertArrayEquals(allocation.counts(), drawn);
    }
  }

  @Test
  void the_place_of_a_large_id_does_not_overflow() {
    long count = (1L << 40) - 87;
    LabelShares.Allocation allocation =
        LabelShares.parse("a=1,b=1").allocate(count, List.of(0, 1), 2);
    java.math.BigInteger n = java.math.BigInteger.valueOf(count);
    for (long id : new long[] {0, 1, count / 3, count - 2, count - 1}) {
      long place =
          java.math.BigInteger.valueOf(id)
              .multiply(java.math.BigInteger.valueOf(allocation.stride()))
              .mod(n)
              .longValueExact();
      assertEquals(place < allocation.counts()[0] ? 0 : 1, allocation.label(id));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "a", "a=", "=1", "a=0", "a=-1", "a=NaN", "a=1,", "a=1,a=2", "a=1e999999999"})
  void what_are_no_proportions_is_refused(String text) {
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> LabelShares.parse(text));
    assertEquals(ErrorCode.SPEC, refusal.code());
  }
}
