package dev.ancestral.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.random.RandomKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShardTest {
  private static final String FILE = "train/shard-00000.parquet";

  @TempDir Path folder;

  private final Storage storage = new Storage(new Configuration());

  private org.apache.hadoop.fs.Path root() {
    return storage.path(folder.toString());
  }

  private ShardEntry write(Batch batch) {
    return ShardWriter.write(storage, root(), FILE, batch.event(), Example.of(batch));
  }

  private Batch roundTrip(Batch batch) {
    Shard shard = Shard.read(storage, root(), batch.event(), write(batch));
    return shard.batch(0, shard.size());
  }

  private static void assertSame(Batch expected, Batch actual) {
    assertArrayEquals(expected.ids(), actual.ids());
    assertArrayEquals(expected.values(), actual.values());
    assertArrayEquals(expected.labels(), actual.labels());
    assertArrayEquals(expected.lengths(), actual.lengths());
  }

  private static Batch random(EventSpec event, int examples) {
    RandomKey key = RandomKey.of(3);
    float[] values = new float[examples * event.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          event.isDiscrete() ? key.below(i, event.levels()) : (float) (key.uniform(i) * 8 - 4);
      if (event.missing() && key.fold("gaps").uniform(i) < 0.2) {
        values[i] = Float.NaN;
      }
    }
    int[] labels =
        event.hasLabels() ? IntStream.range(0, examples).map(i -> i % 10).toArray() : null;
    long[] ids = LongStream.range(0, examples).map(i -> 3 * i + 7).toArray();
    return new Batch(event, ids, values, labels, null);
  }

  @Test
  void every_layout_comes_back_as_it_went() {
    for (EventSpec event :
        List.of(
            EventSpec.discrete(2, 28, 28, 1),
            EventSpec.discrete(256, 5),
            EventSpec.discrete(257, 5).withClasses(10),
            EventSpec.discrete(Payload.MOST_LEVELS, 3),
            EventSpec.continuous(4).withClasses(10))) {
      for (boolean missing : new boolean[] {false, true}) {
        Batch batch = random(event.withMissing(missing), 101);
        assertSame(batch, roundTrip(batch));
      }
    }
  }

  private static byte[] foreign(String name) throws IOException {
    try (var in = ShardTest.class.getResourceAsStream("source/foreign/" + name)) {
      return in.readAllBytes();
    }
  }

  @Test
  void a_shard_of_another_writer_needs_the_documented_columns_alone() throws IOException {
    EventSpec event = EventSpec.discrete(3, 2).withClasses(2);
    ShardEntry entry = new ShardEntry("s.parquet", 0, 2, 3, 0, "", "");
    Shard shard = ShardReader.read(foreign("shard.parquet"), event, entry, "s.parquet");
    Batch batch = shard.batch(0, 3);
    assertArrayEquals(new long[] {0, 1, 2}, batch.ids());
    assertArrayEquals(new float[] {0, 1, 1, 1, 2, 0}, batch.values());
    assertArrayEquals(new int[] {1, 0, 1}, batch.labels());
    byte[] without = foreign("shardWithout.parquet");
    AncestralException refusal =
        assertThrows(
            AncestralException.class, () -> ShardReader.read(without, event, entry, "s.parquet"));
    assertEquals(ErrorCode.DATA, refusal.code());
    assertTrue(refusal.getMessage().contains("row 1 has no 'label'"), refusal.getMessage());
    byte[] labelled = foreign("shard.parquet");
    refusal =
        assertThrows(
            AncestralException.class,
            () -> ShardReader.read(labelled, EventSpec.discrete(3, 2), entry, "s.parquet"));
    assertTrue(refusal.getMessage().contains("has columns"), refusal.getMessage());
  }

  @Test
  void layout_is_one_byte_or_four_little_endian() {
    float[] values = {0, 1, 200};
    assertArrayEquals(
        new byte[] {0, 1, (byte) 200}, Payload.encode(EventSpec.discrete(256, 3), values, 0, 3));
    assertArrayEquals(
        new byte[] {1, 0, 0, 0, (byte) 200, 0, 0, 0},
        Payload.encode(EventSpec.discrete(300, 3), values, 1, 2));
    assertArrayEquals(
        new byte[] {0, 0, (byte) 0x80, 0x3f},
        Payload.encode(EventSpec.continuous(3), values, 1, 1));
  }

  @Test
  void a_missing_element_is_all_ones_and_takes_no_level() {
    float[] values = {254, Float.NaN};
    EventSpec byted = EventSpec.discrete(255, 2).withMissing(true);
    assertArrayEquals(new byte[] {(byte) 254, -1}, Payload.encode(byted, values, 0, 2));
    EventSpec wide = EventSpec.discrete(256, 2).withMissing(true);
    assertArrayEquals(
        new byte[] {(byte) 254, 0, 0, 0, -1, -1, -1, -1}, Payload.encode(wide, values, 0, 2));
    assertThrows(
        IllegalArgumentException.class,
        () -> Payload.encode(EventSpec.discrete(256, 2), values, 0, 2));
  }

  @Test
  void sequences_are_padded_to_the_longest_of_the_batch() {
    EventSpec event = new EventSpec(List.of(2), new EventSpec.Discrete(9), true, 0, List.of(), 0);
    float[] values = {1, 2, 0, 0, 0, 0, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0};
    Batch batch = new Batch(event, new long[] {1, 2, 5}, values, null, new int[] {1, 3, 0});
    Shard shard = Shard.read(storage, root(), event, write(batch));
    assertSame(batch, shard.batch(0, 3));
    Batch short1 = shard.batch(new int[] {2, 0});
    assertArrayEquals(new long[] {5, 1}, short1.ids());
    assertArrayEquals(new int[] {0, 1}, short1.lengths());
    assertArrayEquals(new float[] {0, 0, 1, 2}, short1.values());
    assertEquals(8 + 3 * 16, shard.memoryBytes());
  }

  @Test
  void rows_come_in_the_order_asked_for() {
    Batch batch = random(EventSpec.discrete(256, 4).withClasses(10), 20);
    Shard shard = Shard.read(storage, root(), batch.event(), write(batch));
    Batch picked = shard.batch(new int[] {19, 0, 19});
    assertArrayEquals(new long[] {64, 7, 64}, picked.ids());
    assertArrayEquals(new int[] {9, 0, 9}, picked.labels());
    assertArrayEquals(
        Arrays.copyOfRange(batch.values(), 76, 80), Arrays.copyOfRange(picked.values(), 8, 12));
    assertNull(picked.lengths());
  }

  @Test
  void same_examples_same_bytes() {
    Batch batch = random(EventSpec.discrete(256, 28, 28, 1).withClasses(10), 500);
    ShardEntry first = write(batch);
    byte[] bytes = storage.read(new org.apache.hadoop.fs.Path(root(), FILE));
    ShardEntry second = write(batch);
    assertEquals(first, second);
    assertArrayEquals(bytes, storage.read(new org.apache.hadoop.fs.Path(root(), FILE)));
    batch.values()[0] = 255 - batch.values()[0];
    assertNotEquals(first.contentSha256(), write(batch).contentSha256());
  }

  @Test
  void examples_stream_back_out() {
    Batch batch = random(EventSpec.discrete(300, 3).withClasses(10), 7);
    ShardEntry entry = write(batch);
    Shard shard = Shard.read(storage, root(), batch.event(), entry);
    assertEquals(
        entry.contentSha256(),
        ShardWriter.write(storage, root(), "copy", batch.event(), shard.examples())
            .contentSha256());
  }

  @Test
  void damaged_shard_is_refused_with_expected_and_actual() throws IOException {
    Batch batch = random(EventSpec.discrete(256, 16), 50);
    ShardEntry entry = write(batch);
    Path file = folder.resolve(FILE);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    assertRefused(batch.event(), entry, entry.sha256(), Sha256.of(bytes));
    Files.write(file, Arrays.copyOf(bytes, bytes.length - 9));
    assertRefused(batch.event(), entry, entry.bytes() + " bytes", bytes.length - 9 + " bytes");
    Files.delete(file);
    assertRefused(batch.event(), entry, FILE, "missing");
  }

  @Test
  void shard_of_another_event_is_refused() {
    Batch batch = random(EventSpec.discrete(256, 16), 50);
    ShardEntry entry = write(batch);
    assertRefused(EventSpec.discrete(256, 15), entry, "16 bytes", "takes 15");
    assertRefused(EventSpec.discrete(256, 16).withClasses(3), entry, "columns", "label");
  }

  private void assertRefused(EventSpec event, ShardEntry entry, String... parts) {
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> Shard.read(storage, root(), event, entry));
    assertEquals(ErrorCode.DATA, refusal.code());
    assertTrue(refusal.getMessage().contains("shard-00000.parquet"), refusal.getMessage());
    for (String part : parts) {
      assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
    }
  }

  @Test
  void what_the_event_does_not_allow_is_not_written() {
    EventSpec event = EventSpec.discrete(4, 2);
    long[] ids = {5, 5};
    float[] values = {0, 1, 2, 3};
    assertThrows(
        IllegalArgumentException.class, () -> write(Batch.of(event, ids, values)), "same id");
    assertThrows(
        IllegalArgumentException.class,
        () -> write(Batch.of(event, new long[] {1, 2}, new float[] {0, 1, 2, 4})));
    assertThrows(
        IllegalArgumentException.class,
        () -> write(Batch.of(event.withClasses(2), new long[] {1, 2}, values)));
    assertEquals(List.of(), storage.list(new org.apache.hadoop.fs.Path(root(), "train")));
  }
}
