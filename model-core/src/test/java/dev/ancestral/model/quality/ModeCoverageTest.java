package dev.ancestral.model.quality;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import org.junit.jupiter.api.Test;

class ModeCoverageTest {
  @Test
  void an_example_belongs_to_the_nearest_mean() {
    EventSpec event = EventSpec.continuous(2).withClasses(4);
    ClassMeans means = new ClassMeans(4, 2);
    assertEquals(-1, means.nearest(new float[2], 0));
    means.add(
        new Batch(
            event,
            new long[] {0, 1, 2, 3},
            new float[] {0, 0, 2, 0, 9, 9, -5, 0},
            new int[] {0, 0, 3, 1},
            null));
    assertEquals(0, means.nearest(new float[] {7, 1.4f, 0}, 1));
    assertEquals(3, means.nearest(new float[] {8, 8}, 0));
    assertEquals(1, means.nearest(new float[] {-4, 1}, 0));
    // Class 2 has no examples, so nothing belongs to it.
    assertEquals(0, means.nearest(new float[] {-1, 0}, 0));
  }

  @Test
  void a_few_misjudged_draws_make_no_class() {
    ModeCounts counts = new ModeCounts(4);
    for (int i = 0; i < 400; i++) {
      counts.add(i < 3 ? 2 : i % 2);
    }
    ModeCounts others = new ModeCounts(4);
    others.add(-1);
    counts.merge(others);
    assertEquals(400, counts.total());
    assertEquals(2, counts.covered());
    ModeCounts even = new ModeCounts(4);
    for (int i = 0; i < 400; i++) {
      even.add(i % 4);
    }
    assertEquals(4, even.covered());
    assertEquals(Math.log(4), even.entropyNats(), 1e-12);
  }

  @Test
  void one_class_alone_has_no_entropy() {
    ModeCounts counts = new ModeCounts(10);
    assertEquals(0, counts.covered());
    for (int i = 0; i < 50; i++) {
      counts.add(7);
    }
    assertEquals(1, counts.covered());
    assertEquals(0, counts.entropyNats());
  }
}
