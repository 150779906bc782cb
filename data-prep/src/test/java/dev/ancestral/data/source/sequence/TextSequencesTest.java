package dev.ancestral.data.source.sequence;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import dev.ancestral.data.prepare.LocalSpark;
import dev.ancestral.data.prepare.PrepareSpec;
import dev.ancestral.data.source.InputFile;
import dev.ancestral.data.source.Part;
import dev.ancestral.data.source.StreamedFormat;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TextSequencesTest {
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

  private Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private static String decode(Batch batch, int row) {
    StringBuilder text = new StringBuilder();
    for (int t = 0; t < batch.lengths()[row]; t++) {
      int code = (int) batch.values()[row * batch.steps() + t];
      text.append(batch.event().vocabulary().get(code));
    }
    return text.toString();
  }

  @Test
  void text_is_cut_into_sequences_of_code_points() throws IOException {
    Path output = folder.resolve("out");
    spark.prepare(new Text(4), file("text", "\uFEFFzaé€😀\nab"), "train", output);
    Batch batch = spark.first(output, "train");
    assertEquals(
        new EventSpec(
            List.of(1),
            new EventSpec.Discrete(7),
            true,
            0,
            List.of("\n", "a", "b", "z", "é", "€", "😀"),
            0),
        batch.event());
    assertArrayEquals(new int[] {4, 4}, batch.lengths());
    assertEquals("zaé€", decode(batch, 0));
    assertEquals("😀\nab", decode(batch, 1));
  }

  @Test
  void files_do_not_share_sequences_and_the_last_may_be_shorter() throws IOException {
    file("in-1", "aaaaa");
    file("in-2", "bbb");
    Path output = folder.resolve("out");
    spark.prepare(new Text(2), folder.resolve("in-*"), "train", output);
    Batch batch = spark.first(output, "train");
    assertArrayEquals(new int[] {2, 2, 1, 2, 1}, batch.lengths());
    assertEquals("a", decode(batch, 2));
    assertEquals("bb", decode(batch, 3));
  }

  @Test
  void a_line_is_an_example_and_one_without_characters_is_none() throws IOException {
    file("in-1", "\uFEFFab\r\n\n\r\nb\ra\n");
    file("in-2", "é€\r");
    file("in-3", "\n");
    Path output = folder.resolve("out");
    List<String> told =
        spark.told(new Text(Text.Extent.LINE, 100, false), folder.resolve("in-*"), "train", output);
    assertTrue(told.contains("3 lines without any character are no examples"), told.toString());
    Batch batch = spark.first(output, "train");
    assertEquals(List.of("\r", "a", "b", "é", "€"), batch.event().vocabulary());
    assertArrayEquals(new int[] {2, 3, 3}, batch.lengths());
    assertEquals("ab", decode(batch, 0));
    assertEquals("b\ra", decode(batch, 1));
    assertEquals("é€\r", decode(batch, 2));
  }

  @Test
  void a_file_is_an_example() throws IOException {
    file("in-1", "ab\n\ncd\r\n");
    file("in-2", "");
    file("in-3", "a".repeat(9000));
    Path output = folder.resolve("out");
    List<String> told =
        spark.told(
            new Text(Text.Extent.FILE, 10_000, false), folder.resolve("in-*"), "train", output);
    assertTrue(told.contains("1 file without any character is no example"), told.toString());
    Batch batch = spark.first(output, "train");
    assertArrayEquals(new int[] {8, 9000}, batch.lengths());
    assertEquals("ab\n\ncd\r\n", decode(batch, 0));
    spark.assertRefused(
        ErrorCode.DATA,
        PrepareSpec.of(
            new Text(Text.Extent.FILE, 8999, false),
            List.of(folder.resolve("in-3").toString()),
            "train"),
        folder.resolve("other"),
        "in-3 has more than 8999 characters");
  }

  @Test
  void an_end_symbol_follows_each_line_where_ends_are_learned() throws IOException {
    Text names = new Text(Text.Extent.LINE, 100, true);
    Path output = folder.resolve("out");
    spark.prepare(names, file("names", "ba\nc\n"), "train", output);
    Batch batch = spark.first(output, "train");
    assertEquals(List.of("a", "b", "c", EventSpec.END), batch.event().vocabulary());
    assertArrayEquals(new int[] {3, 2}, batch.lengths());
    assertEquals("ba" + EventSpec.END, decode(batch, 0));
    batch.requireEnds();
    // Of a later split the end has the code of the dataset, though it has fewer characters.
    spark.prepare(names, file("more", "aa\n"), "valid", output);
    assertEquals("aa" + EventSpec.END, decode(spark.first(output, "valid"), 0));
    spark.assertRefused(
        ErrorCode.MISMATCH,
        PrepareSpec.of(
            new Text(Text.Extent.LINE, 100, false), List.of(file("t", "ab").toString()), "test"),
        output,
        "do not end with an end symbol",
        "give 'end: learned'");
    spark.assertRefused(
        ErrorCode.DATA,
        PrepareSpec.of(names, List.of(file("odd", "ab\nc\u0003\n").toString()), "train"),
        folder.resolve("other"),
        "odd line 2 character 2 is U+0003");
  }

  /** However a file is cut, a line is in one part, and messages count from the file's beginning. */
  @Test
  void lines_are_cut_at_no_byte() throws IOException {
    StringBuilder text = new StringBuilder();
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      lines.add("é".repeat(i % 7) + "x".repeat(i % 5));
      text.append(lines.get(i)).append(i % 3 == 0 ? "\r\n" : "\n");
    }
    lines.removeIf(String::isEmpty);
    int without = 60 - lines.size();
    lines.add("xxxxxx");
    Storage storage = new Storage(new Configuration());
    Text format = new Text(Text.Extent.LINE, 100, false);
    Path path = file("lines", text + "xxxxxx\n");
    long size = Files.size(path);
    InputFile input = new InputFile(0, path.toUri().toString(), size, 0);
    for (long bytes : new long[] {1, 2, 3, 7, 50, 1 << 20}) {
      List<String> read = new ArrayList<>();
      long empty = 0;
      for (Part part : format.parts(storage, input, bytes)) {
        try (StreamedFormat.Reader reader = format.open(storage, part, "")) {
          for (int[] one = reader.next(); one != null; one = reader.next()) {
            read.add(new String(one, 0, one.length));
          }
          empty += reader.empty();
        }
      }
      assertEquals(lines, read, size + " bytes in parts of " + bytes);
      assertEquals(without, empty);
    }
    Part last = new Part(input, size - 8, Long.MAX_VALUE);
    try (StreamedFormat.Reader reader =
        new Text(Text.Extent.LINE, 5, false).open(storage, last, "")) {
      AncestralException refusal = assertThrows(AncestralException.class, reader::next);
      assertTrue(
          refusal.getMessage().contains("lines line 61 has more than 5 characters"),
          refusal.getMessage());
    }
  }

  @Test
  void later_text_with_an_unknown_character_does_not_fit() throws IOException {
    Path output = folder.resolve("out");
    spark.prepare(new Text(4), file("first", "abcabc"), "train", output);
    spark.prepare(new Text(4), file("fits", "cb"), "valid", output);
    assertEquals("cb", decode(spark.first(output, "valid"), 0));
    spark.assertRefused(
        ErrorCode.MISMATCH,
        PrepareSpec.of(new Text(4), List.of(file("not", "abcabcaß").toString()), "test"),
        output,
        "'ß' at ",
        "not character 4 after byte 4");
  }

  @Test
  void what_is_no_utf8_is_named_with_its_byte() throws IOException {
    byte[][] wrong = {
      {'a', 'b', (byte) 0xE9, 't'}, // Latin-1
      {'a', 'b', (byte) 0xC3}, // cut short
      {'a', 'b', (byte) 0xC0, (byte) 0x80}, // overlong
      {'a', 'b', (byte) 0xE0, (byte) 0x80, (byte) 0x80}, // overlong
      {'a', 'b', (byte) 0xED, (byte) 0xA0, (byte) 0x80}, // surrogate
      {'a', 'b', (byte) 0xF4, (byte) 0x90, (byte) 0x80, (byte) 0x80}, // above U+10FFFF
      {'a', 'b', (byte) 0x80} // continuation alone
    };
    for (byte[] content : wrong) {
      Path file = Files.write(folder.resolve("text"), content);
      spark.assertRefused(
          ErrorCode.DATA,
          PrepareSpec.of(new Text(4), List.of(file.toString()), "train"),
          folder.resolve("out"),
          "text is no UTF-8 at byte 2");
    }
  }

  private static final String CHORDS =
      "{\"test\": [], \"train\": [[[21, 23], []], [[22]]], \"valid\": [[[24], [24], [21]]]}";

  @Test
  void steps_may_be_real_numbers() throws IOException {
    String json =
        "{\"valid\": [], \"train\": [[[0.1, -2], [3e3, null], null], [[16777216.5, 0]]],"
            + " \"test\": [[[1, 2], [3]]]}";
    Path file = file("signals.json", json);
    Path output = folder.resolve("out");
    spark.prepare(new RealSequences(2, true), file, "train", output);
    Batch batch = spark.first(output, "train");
    assertEquals(
        new EventSpec(List.of(2), new EventSpec.Continuous(), true, 0, List.of(), 0, true),
        batch.event());
    float no = Float.NaN;
    assertArrayEquals(
        new float[] {0.1f, -2, 3000, no, no, no, 16777216, 0, 0, 0, 0, 0}, batch.values());
    assertArrayEquals(new int[] {3, 1}, batch.lengths());
    refused(new RealSequences(2, false), file, "train", "number 2 of the 2 of a step");
    refused(new RealSequences(2, true), file, "test", "number 2 of the 2 of a step");
    refused(new RealSequences(1, true), file, "train", "the end of a step, which has 1 numbers");
    Path huge = file("huge.json", "{\"train\": [[1e39]]}");
    refused(new RealSequences(1, false), huge, "train", "that float32 holds");
    // One number a step needs no brackets; numbers that float32 makes equal are refused.
    Path clock = file("clock.json", "{\"train\": [[1e9], [1000000001, 1000000002]]}");
    refused(
        new RealSequences(1, false),
        clock,
        "train",
        "clock.json sequence 1 step 1: element 0 is 1.000000002E9, which float32 holds as 1.0E9",
        "subtract an offset from the element");
  }

  private void refused(RealSequences format, Path file, String split, String... parts) {
    PrepareSpec spec = PrepareSpec.of(format, List.of(file.toString()), split);
    spark.assertRefused(ErrorCode.DATA, spec, folder.resolve("refused"), parts);
  }

  @Test
  void only_the_split_asked_for_is_taken() throws IOException {
    Path output = folder.resolve("out");
    Path file = file("chords.json", CHORDS);
    spark.prepare(new Sequences(21, 4), file, "train", output);
    spark.prepare(new Sequences(21, 4), file, "valid", output);
    Batch train = spark.first(output, "train");
    assertEquals(
        new EventSpec(List.of(4), new EventSpec.Discrete(2), true, 0, List.of(), 0), train.event());
    assertArrayEquals(new int[] {2, 1}, train.lengths());
    assertArrayEquals(new float[] {1, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}, train.values());
    Batch valid = spark.first(output, "valid");
    assertArrayEquals(new long[] {2}, valid.ids());
    assertArrayEquals(new float[] {0, 0, 0, 1, 0, 0, 0, 1, 1, 0, 0, 0}, valid.values());
  }

  @Test
  void steps_and_keys_may_be_missing_where_that_is_allowed() throws IOException {
    Path output = folder.resolve("out");
    Path file = file("chords.json", "{\"train\": [[[21, \"23?\"], null, []], [[\"22?\", 24]]]}");
    spark.prepare(new Sequences(21, 4, true), file, "train", output);
    Batch train = spark.first(output, "train");
    assertTrue(train.event().missing());
    float no = Float.NaN;
    assertArrayEquals(
        new float[] {1, 0, no, 0, no, no, no, no, 0, 0, 0, 0, 0, no, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0},
        train.values());
    assertEquals(7, train.observedElements(0));
    assertEquals(3, train.observedElements(1));
    for (String[] wrong :
        new String[][] {
          {"{\"test\": [[[\"x\"]]]}", "a key with a question mark, such as \"21?\""},
          {"{\"test\": [[[\"25?\"]]]}", "key 25"},
          {"{\"test\": [null]}", "a sequence (a list of steps)"}
        }) {
      spark.assertRefused(
          ErrorCode.DATA,
          PrepareSpec.of(
              new Sequences(21, 4, true),
              List.of(file("chords.json", wrong[0]).toString()),
              "test"),
          output,
          wrong[1]);
    }
    spark.assertRefused(
        ErrorCode.DATA,
        PrepareSpec.of(
            new Sequences(21, 4),
            List.of(file("chords.json", "{\"train\": [[null]]}").toString()),
            "train"),
        folder.resolve("strict"),
        "a step (a list of keys)");
  }

  @Test
  void wrong_sequences_are_named_with_line_and_column() throws IOException {
    for (String[] wrong :
        new String[][] {
          {"{\"train\": [[[25]]]}", "key 25", "from 21 to 24", "line 1 column"},
          {"{\"train\": [\n[[21, \"x\"]]]}", "line 2 column", "a key (a whole number)"},
          {"{\"train\": [[21]]}", "a step (a list of keys)"},
          {"{\"train\": [[[21]", "end of the file"},
          {"{\"train\":[[[21]]]}\n{\"train\":[[[22]]]}\n", "behind the object", "line 2"},
          {"{\"train\":[[[21]]]} x", "line 1", "JSON"},
          {"{\"train\":[[[21]]],\n\"train\":[]}", "the split 'train' a second time", "line 2"},
          {"{\"train\":[[[21]]], 7}", "line 1", "JSON"},
          {"{\"train\":[[[21]]]", "end of the file"},
          {"{\"train\":[[[21]]], \"valid\": [", "end of the file"},
          {"{\"valid\": []}", "no split 'train'", "it has valid"},
          {"[1]", "an object of splits"}
        }) {
      Path file = file("chords.json", wrong[0]);
      spark.assertRefused(
          ErrorCode.DATA,
          PrepareSpec.of(new Sequences(21, 4), List.of(file.toString()), "train"),
          folder.resolve("out"),
          java.util.Arrays.copyOfRange(wrong, 1, wrong.length));
    }
    spark.assertRefused(
        ErrorCode.SPEC,
        PrepareSpec.of(
            new Sequences(21, 4),
            List.of(file("chords.json", CHORDS).toString()),
            "auto=0.8,0.1,0.1"),
        folder.resolve("out"),
        "divided already");
  }
}
