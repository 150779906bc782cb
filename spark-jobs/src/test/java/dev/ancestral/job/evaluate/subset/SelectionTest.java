package dev.ancestral.job.evaluate.subset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SelectionTest {

  @Test
  void the_choice_does_not_depend_on_how_ids_are_spread_over_shards() {
    long[] ids = LongStream.range(0, 1000).map(i -> 7 * i).toArray();
    Selection one = Selection.of(50, List.<Selection.Entry[]>of(smallest(50, ids)));
    List<Selection.Entry[]> shards = new ArrayList<>();
    for (int from = 0; from < 1000; from += 90) {
      shards.add(
          smallest(
              50,
              LongStream.range(from, Math.min(1000, from + 90)).map(i -> ids[(int) i]).toArray()));
    }
    Selection many = Selection.of(50, shards);
    assertEquals(one, many);
    assertEquals(50, one.rows(ids).length);
    assertEquals(50, shards.stream().mapToLong(many::count).sum());
  }

  @Test
  void all_means_all() {
    assertArrayEquals(new int[] {0, 1, 2}, Selection.all().rows(new long[] {5, 6, 7}));
  }

  private static Selection.Entry[] smallest(long limit, long... ids) {
    Selection.Smallest smallest = new Selection.Smallest(limit);
    for (long id : ids) {
      smallest.add(Selection.Entry.of(id));
    }
    return smallest.entries();
  }
}
