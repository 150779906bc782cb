package dev.ancestral.job.generate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.transfer.JavaBytes;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every format of samples promises, whoever brought it. */
class SampleFormatContractTest {
  private static final List<EventSpec> EVENTS =
      List.of(
          EventSpec.discrete(4, 3, 2, 1),
          EventSpec.discrete(2, 5),
          new EventSpec(List.of(1), new EventSpec.Discrete(256), true, 0, List.of(), 8000),
          new EventSpec(List.of(1), new EventSpec.Discrete(3), true, 0, List.of("a", "b", "c"), 0));

  static Collection<SampleFormat> formats() {
    return SampleFormat.byName().values();
  }

  @ParameterizedTest
  @MethodSource("formats")
  void the_same_sample_gives_the_same_bytes_in_any_batch(SampleFormat format) {
    assertTrue(format.name().matches("[a-z][a-z0-9-]*"), format.name());
    assertTrue(format.extension().matches("[a-z0-9]+"), format.extension());
    SampleFormat travelled = JavaBytes.value(JavaBytes.of(format), SampleFormat.class);
    int suited = 0;
    for (EventSpec event : EVENTS) {
      if (!format.suits(event)) {
        AncestralException refusal =
            assertThrows(AncestralException.class, () -> SampleFormat.of(format.name(), event));
        assertEquals(ErrorCode.MISMATCH, refusal.code());
        continue;
      }
      suited++;
      byte[] first = format.encode(batch(event, 0, 1), 0);
      byte[] second = format.encode(batch(event, 1, 1), 0);
      assertTrue(first.length > 0);
      assertArrayEquals(first, format.encode(batch(event, 0, 2), 0));
      assertArrayEquals(second, travelled.encode(batch(event, 0, 2), 1));
    }
    assertTrue(suited > 0, format.name() + " suits no event that is known here");
  }

  @Test
  void folders_of_unlike_formats_are_unlike() {
    Set<String> folders = new HashSet<>();
    formats().forEach(format -> folders.add(format.folder("part-00000.parquet")));
    assertEquals(formats().size(), folders.size());
    assertTrue(SampleFormat.of(SampleFormat.PARQUET, EVENTS.get(0)).isEmpty());
    AncestralException unknown =
        assertThrows(AncestralException.class, () -> SampleFormat.of("midi", EVENTS.get(0)));
    assertEquals(ErrorCode.SPEC, unknown.code());
    assertTrue(unknown.getMessage().contains("one of png, wav, text"), unknown.getMessage());
  }

  /** Some examples from a first one on: the values of each depend on its number alone. */
  private static Batch batch(EventSpec event, int from, int count) {
    int steps = event.variableLength() ? 4 : 1;
    int width = steps * event.size();
    float[] values = new float[count * width];
    long[] ids = new long[count];
    int[] lengths = new int[count];
    for (int i = 0; i < count; i++) {
      ids[i] = (long) from + i;
      lengths[i] = steps;
      for (int j = 0; j < width; j++) {
        values[i * width + j] = (7 * (from + i) + 3 * j) % event.levels();
      }
    }
    return event.variableLength()
        ? new Batch(event, ids, values, null, lengths)
        : Batch.of(event, ids, values);
  }
}
