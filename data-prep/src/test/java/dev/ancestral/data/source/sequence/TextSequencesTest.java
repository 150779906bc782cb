package dev.ancestral.data.source.sequence;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.Refusal;
import dev.ancestral.data.prepare.LocalSpark;
import dev.ancestral.data.prepare.PrepareSpec;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
  void later_text_with_an_unknown_character_does_not_fit() throws IOException {
    Path output = folder.resolve("out");
    spark.prepare(new Text(4), file("first", "abcabc"), "train", output);
    spark.prepare(new Text(4), file("fits", "cb"), "valid", output);
    assertEquals("cb", decode(spark.first(output, "valid"), 0));
    spark.assertRefused(
        Refusal.Kind.MISMATCH,
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
          Refusal.Kind.DATA,
          PrepareSpec.of(new Text(4), List.of(file.toString()), "train"),
          folder.resolve("out"),
          "text is no UTF-8 at byte 2");
    }
  }

  private static final String CHORDS =
      "{\"test\": [], \"train\": [[[21, 23], []], [[22]]], \"valid\": [[[24], [24], [21]]]}";

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
          Refusal.Kind.DATA,
          PrepareSpec.of(
              new Sequences(21, 4, true),
              List.of(file("chords.json", wrong[0]).toString()),
              "test"),
          output,
          wrong[1]);
    }
    spark.assertRefused(
        Refusal.Kind.DATA,
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
          Refusal.Kind.DATA,
          PrepareSpec.of(new Sequences(21, 4), List.of(file.toString()), "train"),
          folder.resolve("out"),
          java.util.Arrays.copyOfRange(wrong, 1, wrong.length));
    }
    spark.assertRefused(
        Refusal.Kind.SPEC,
        PrepareSpec.of(
            new Sequences(21, 4),
            List.of(file("chords.json", CHORDS).toString()),
            "auto=0.8,0.1,0.1"),
        folder.resolve("out"),
        "divided already");
  }
}
