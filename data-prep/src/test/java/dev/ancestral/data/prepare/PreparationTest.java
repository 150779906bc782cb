package dev.ancestral.data.prepare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.Shard;
import dev.ancestral.data.source.array.Matrix;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import dev.ancestral.random.RandomKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreparationTest {
  private static LocalSpark spark;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    spark = new LocalSpark(2, 2);
  }

  @AfterAll
  static void stop() {
    spark.close();
  }

  /** Row r is r/100, r/10 mod 10, r mod 10. */
  private Path numbers(String name, int from, int to) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    Files.write(
        file,
        IntStream.range(from, to)
            .mapToObj(r -> r / 100 % 10 + "," + r / 10 % 10 + "," + r % 10)
            .toList());
    return file;
  }

  private static float[] digits(int row) {
    int hundreds = row / 100 % 10;
    return new float[] {hundreds, row / 10 % 10, row % 10};
  }

  private static PrepareSpec spec(Path input, String split, int shardSize) {
    return new PrepareSpec(
        new Matrix(),
        List.of(input.toString()),
        SplitRule.parse(split),
        new Binarization.None(),
        Long.MAX_VALUE,
        shardSize,
        0);
  }

  private static List<Batch> all(Path dataset, String split) {
    Dataset opened = Dataset.open(spark.storage(), dataset.toString());
    List<Batch> batches = new ArrayList<>();
    for (int i = 0; i < opened.split(split).shards().size(); i++) {
      Shard shard = opened.shard(split, i);
      batches.add(shard.batch(0, shard.size()));
    }
    return batches;
  }

  private static long[] ids(Path dataset, String split) {
    return all(dataset, split).stream().flatMapToLong(b -> LongStream.of(b.ids())).toArray();
  }

  @Test
  void files_in_order_of_their_names_rows_in_order_of_the_file() throws IOException {
    numbers("in/b", 120, 250);
    numbers("in/a", 0, 120);
    numbers("in/_SUCCESS", 0, 7);
    numbers("in/sub/c", 250, 300);
    Path output = folder.resolve("out");
    assertTrue(spark.prepare(spec(folder.resolve("in"), "train", 70), output).changed());
    DatasetManifest manifest = Dataset.open(spark.storage(), output.toString()).manifest();
    assertEquals("out", manifest.name());
    assertEquals(EventSpec.discrete(10, 3), manifest.event());
    assertEquals(
        List.of(70, 70, 70, 70, 20),
        manifest.splits().get("train").shards().stream().map(s -> s.examples()).toList());
    assertEquals(210, manifest.splits().get("train").shards().get(3).firstId());
    int row = 0;
    for (Batch batch : all(output, "train")) {
      for (int i = 0; i < batch.size(); i++, row++) {
        assertEquals(row, batch.ids()[i]);
        assertArrayEquals(
            digits(row), java.util.Arrays.copyOfRange(batch.values(), 3 * i, 3 * i + 3));
      }
    }
    assertEquals(300, row);
    assertEquals(
        List.of(
            "manifest.json",
            "train/shard-00000.parquet",
            "train/shard-00001.parquet",
            "train/shard-00002.parquet",
            "train/shard-00003.parquet",
            "train/shard-00004.parquet"),
        List.copyOf(LocalSpark.files(output).keySet()));
  }

  @Test
  void division_by_hash_is_a_function_of_the_id() throws IOException {
    Path input = numbers("numbers", 0, 3000);
    Path output = folder.resolve("out");
    spark.prepare(spec(input, "auto=0.8,0.1,0.1", 1000), output);
    RandomKey key = RandomKey.of(0).fold("split");
    for (String split : SplitRule.NAMES) {
      double from = split.equals("train") ? 0 : split.equals("valid") ? 0.8 : 0.9;
      double to = split.equals("train") ? 0.8 : split.equals("valid") ? 0.9 : 1;
      assertArrayEquals(
          LongStream.range(0, 3000)
              .filter(id -> key.uniform(id) >= from && key.uniform(id) < to)
              .toArray(),
          ids(output, split));
    }
  }

  @Test
  void division_by_position_and_splits_left_out() throws IOException {
    Path input = numbers("numbers", 0, 250);
    Path output = folder.resolve("out");
    spark.prepare(spec(input, "range=0.9,0,0.1", 1000), output);
    assertArrayEquals(LongStream.range(0, 225).toArray(), ids(output, "train"));
    assertArrayEquals(LongStream.range(225, 250).toArray(), ids(output, "test"));
    assertFalse(
        Dataset.open(spark.storage(), output.toString()).manifest().splits().containsKey("valid"));
  }

  @Test
  void limit_takes_the_beginning() throws IOException {
    Path input = numbers("numbers", 0, 250);
    Path output = folder.resolve("out");
    PrepareSpec all = spec(input, "train", 40);
    spark.prepare(
        new PrepareSpec(
            all.source(), all.inputs(), all.split(), all.binarize(), 99, all.shardSize(), 0),
        output);
    assertArrayEquals(LongStream.range(0, 99).toArray(), ids(output, "train"));
  }

  @Test
  void same_command_again_changes_nothing() throws IOException {
    Path input = numbers("numbers", 0, 250);
    Path output = folder.resolve("out");
    PrepareSpec spec = spec(input, "auto=0.5,0.25,0.25", 100);
    assertTrue(spark.prepare(spec, output).changed());
    Map<String, byte[]> before = LocalSpark.files(output);
    FileTime written = Files.getLastModifiedTime(output.resolve("manifest.json"));
    assertFalse(spark.prepare(spec, output).changed());
    assertEquals(written, Files.getLastModifiedTime(output.resolve("manifest.json")));
    LocalSpark.assertSameFiles(before, LocalSpark.files(output));
  }

  @Test
  void same_split_from_other_inputs_is_refused() throws IOException {
    Path input = numbers("numbers", 0, 250);
    Path output = folder.resolve("out");
    spark.prepare(spec(input, "train", 100), output);
    Map<String, byte[]> before = LocalSpark.files(output);
    spark.assertRefused(
        ErrorCode.SPEC, spec(input, "train", 99), output, "'train' already", "250 examples");
    Path other = numbers("other", 0, 250);
    spark.assertRefused(ErrorCode.SPEC, spec(other, "train", 100), output, "other inputs");
    Files.writeString(input, "1,2,3\n", java.nio.file.StandardOpenOption.APPEND);
    spark.assertRefused(ErrorCode.SPEC, spec(input, "train", 100), output, "other inputs");
    LocalSpark.assertSameFiles(before, LocalSpark.files(output));
  }

  @Test
  void later_split_continues_the_ids() throws IOException {
    Path output = folder.resolve("out");
    spark.prepare(spec(numbers("a", 0, 250), "train", 100), output);
    spark.prepare(spec(numbers("b", 100, 140), "test", 100), output);
    assertArrayEquals(LongStream.range(250, 290).toArray(), ids(output, "test"));
    assertArrayEquals(LongStream.range(0, 250).toArray(), ids(output, "train"));
    assertArrayEquals(
        new float[] {1, 0, 0}, java.util.Arrays.copyOf(all(output, "test").get(0).values(), 3));
  }

  @Test
  void later_split_that_does_not_fit_ends_with_4_and_leaves_the_dataset() throws IOException {
    Path output = folder.resolve("out");
    spark.prepare(spec(numbers("a", 0, 250), "train", 100), output);
    Map<String, byte[]> before = LocalSpark.files(output);
    Path large = folder.resolve("large");
    Files.writeString(large, "1,2,3\n4,10,0\n");
    AncestralException refusal =
        spark.assertRefused(
            ErrorCode.MISMATCH,
            spec(large, "test", 100),
            output,
            "3 with 11 levels",
            "large line 2 column 2",
            "3 with 10 levels");
    assertEquals(4, refusal.code().status());
    Path wide = folder.resolve("wide");
    Files.writeString(wide, "1,2,3,4\n");
    spark.assertRefused(ErrorCode.MISMATCH, spec(wide, "test", 100), output, "4 with 5 levels");
    LocalSpark.assertSameFiles(before, LocalSpark.files(output));
  }

  @Test
  void failure_leaves_nothing_behind_and_existing_files_alone() throws IOException {
    Path input = numbers("numbers", 0, 250);
    Files.writeString(input, "1,2,x\n", java.nio.file.StandardOpenOption.APPEND);
    Path fresh = folder.resolve("fresh");
    spark.assertRefused(ErrorCode.DATA, spec(input, "train", 10), fresh, "line 251 column 3");
    assertFalse(Files.exists(fresh));
  }

  @Test
  void interrupted_run_is_cleaned_up_by_the_next() throws IOException {
    Path output = folder.resolve("out");
    Files.createDirectories(output.resolve("train"));
    Files.writeString(output.resolve("train/shard-00000.parquet"), "half");
    Files.writeString(output.resolve("train/shard-00007.parquet"), "more");
    Files.writeString(output.resolve("train/.shard-00001.parquet.xyz.part"), "part");
    Files.writeString(output.resolve("train/notes.txt"), "mine");
    spark.prepare(spec(numbers("a", 0, 25), "train", 100), output);
    assertEquals(
        List.of("manifest.json", "train/notes.txt", "train/shard-00000.parquet"),
        List.copyOf(LocalSpark.files(output).keySet()));
    assertEquals(25, all(output, "train").get(0).size());
  }

  @Test
  void damaged_manifest_is_never_written_over() throws IOException {
    Path output = folder.resolve("out");
    spark.prepare(spec(numbers("a", 0, 25), "train", 100), output);
    byte[] manifest = Files.readAllBytes(output.resolve("manifest.json"));
    Files.write(output.resolve("manifest.json"), java.util.Arrays.copyOf(manifest, 99));
    spark.assertRefused(
        ErrorCode.DATA, spec(numbers("b", 0, 5), "test", 100), output, "manifest.json", "damaged");
    assertEquals(99, Files.size(output.resolve("manifest.json")));
  }

  @Test
  void empty_splits_and_absent_inputs_are_refused() throws IOException {
    Path input = numbers("numbers", 0, 3);
    Path output = folder.resolve("out");
    spark.assertRefused(
        ErrorCode.DATA, spec(input, "range=0.9,0,0.1", 10), output, "'test' would be empty");
    spark.assertRefused(
        ErrorCode.DATA,
        spec(folder.resolve("absent"), "train", 10),
        output,
        "absent does not exist");
    Files.createDirectories(folder.resolve("none"));
    spark.assertRefused(
        ErrorCode.DATA, spec(folder.resolve("none"), "train", 10), output, "nothing to read");
    assertFalse(Files.exists(output));
  }

  @Test
  void binarization_by_threshold_and_by_chance() throws IOException {
    Path input = numbers("numbers", 0, 1000);
    for (String rule : List.of("threshold=4", "stochastic")) {
      Path output = folder.resolve(rule);
      PrepareSpec plain = spec(input, "train", 1000);
      spark.prepare(
          new PrepareSpec(
              plain.source(),
              plain.inputs(),
              plain.split(),
              Binarization.parse(rule),
              Long.MAX_VALUE,
              1000,
              5),
          output);
      Batch batch = spark.first(output, "train");
      assertEquals(EventSpec.discrete(2, 3), batch.event());
      double[] ones = new double[10];
      for (int r = 0; r < 1000; r++) {
        ones[r % 10] += batch.values()[3 * r + 2];
      }
      for (int v = 0; v < 10; v++) {
        if (rule.equals("stochastic")) {
          // 100 draws with probability v/9: standard deviation at most 5.
          assertEquals(100 * v / 9.0, ones[v], 20);
        } else {
          assertEquals(v > 4 ? 100 : 0, ones[v]);
        }
      }
    }
  }
}
