package dev.ancestral.data.source.array;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import dev.ancestral.data.source.InputFile;
import dev.ancestral.data.source.Part;
import dev.ancestral.data.source.Profile;
import dev.ancestral.data.source.StreamedFormat;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MatrixTest {
  @TempDir Path folder;

  private final Storage storage = new Storage(new Configuration());

  private InputFile file(String content) throws IOException {
    Path file = folder.resolve("numbers");
    Files.writeString(file, content, StandardCharsets.UTF_8);
    return new InputFile(0, file.toUri().toString(), Files.size(file), 0);
  }

  private List<int[]> read(Part part, Profile profile) throws IOException {
    List<int[]> rows = new ArrayList<>();
    try (StreamedFormat.Reader reader = new Matrix().open(storage, part, "")) {
      for (int[] row = reader.next(); row != null; row = reader.next()) {
        profile.add(reader, row);
        rows.add(row);
      }
    }
    return rows;
  }

  private void assertRefused(String content, String expected) throws IOException {
    Part part = Part.whole(file(content));
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> read(part, new Profile(false)));
    assertEquals(ErrorCode.DATA, refusal.code());
    assertTrue(refusal.getMessage().contains(expected), refusal.getMessage());
  }

  @Test
  void spaces_carriage_returns_and_blank_lines_do_not_matter() throws IOException {
    Profile profile = new Profile(false);
    List<int[]> rows = read(Part.whole(file("1, 2,300\r\n\n 4 ,5,6\r\n  \n7,8,9")), profile);
    assertEquals(3, rows.size());
    assertArrayEquals(new int[] {1, 2, 300}, rows.get(0));
    assertArrayEquals(new int[] {4, 5, 6}, rows.get(1));
    assertArrayEquals(new int[] {7, 8, 9}, rows.get(2));
    assertEquals(EventSpec.discrete(301, 3), new Matrix().event(profile));
    assertTrue(profile.largestAt().endsWith("numbers line 1 column 3"), profile.largestAt());
  }

  @Test
  void constant_zeros_still_have_two_levels() throws IOException {
    Profile profile = new Profile(false);
    read(Part.whole(file("0,0\n0,0\n")), profile);
    assertEquals(EventSpec.discrete(2, 2), new Matrix().event(profile));
  }

  @Test
  void declared_levels_hold_whatever_the_values() throws IOException {
    Profile profile = new Profile(false);
    read(Part.whole(file("0,0\n0,5\n")), profile);
    assertEquals(EventSpec.discrete(9, 2), new Matrix(9).event(profile));
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> new Matrix(5).event(profile));
    assertEquals(ErrorCode.DATA, refusal.code());
    assertTrue(
        refusal.getMessage().contains("line 2 column 2 has the value 5"), refusal.getMessage());
  }

  @Test
  void an_empty_field_and_a_question_mark_are_missing_where_that_is_allowed() throws IOException {
    Matrix matrix = new Matrix(0, true);
    Profile profile = new Profile(false);
    List<int[]> rows = new ArrayList<>();
    Part part = Part.whole(file("1,,?\n , 3,\n\n,,\n"));
    try (StreamedFormat.Reader reader = matrix.open(storage, part, "")) {
      for (int[] row = reader.next(); row != null; row = reader.next()) {
        profile.add(reader, row);
        rows.add(row);
      }
    }
    assertEquals(3, rows.size());
    assertArrayEquals(new int[] {1, -1, -1}, rows.get(0));
    assertArrayEquals(new int[] {-1, 3, -1}, rows.get(1));
    assertArrayEquals(new int[] {-1, -1, -1}, rows.get(2));
    EventSpec event = matrix.event(profile);
    assertEquals(EventSpec.discrete(4, 3).withMissing(true), event);
    assertArrayEquals(new byte[] {1, -1, -1}, matrix.encoder(event).apply(rows.get(0)));
    Part wrong = Part.whole(file("1,x\n"));
    try (StreamedFormat.Reader reader = matrix.open(storage, wrong, "")) {
      AncestralException refusal = assertThrows(AncestralException.class, reader::next);
      assertTrue(refusal.getMessage().contains("empty or ?"), refusal.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u22121", "1\u00bd", "1\u20ac", "\u20071", "1\u00a0", "\u2014", "\u0661", "\u00001",
        "1\u000b", "\u001c", "+1", "1d"
      })
  void no_other_character_is_white_space_or_a_digit(String value) throws IOException {
    assertRefused("0,1\n0," + value + "\n", "line 2 column 2 is '" + value + "'");
    Matrix gaps = new Matrix(0, true);
    Part part = Part.whole(file("0,1\n0," + value + "\n"));
    try (StreamedFormat.Reader reader = gaps.open(storage, part, "")) {
      reader.next();
      AncestralException refusal = assertThrows(AncestralException.class, reader::next);
      assertTrue(refusal.getMessage().contains("empty or ?"), refusal.getMessage());
    }
    assertRefused(value + "\n", "line 1 column 1");
  }

  @Test
  void a_byte_order_mark_before_the_first_number_is_none() throws IOException {
    List<int[]> rows = read(Part.whole(file("\uFEFF1,2\n3,4\n")), new Profile(false));
    assertArrayEquals(new int[] {1, 2}, rows.get(0));
    assertRefused("1,2\n\uFEFF3,4\n", "line 2 column 1");
  }

  @Test
  void what_is_wrong_is_named_with_line_and_column() throws IOException {
    assertRefused("1,2\n3,x4\n", "line 2 column 2 is 'x4'");
    assertRefused("1,2\n\n-3,4\n", "line 3 column 1 is '-3'");
    assertRefused("1,2.5\n", "line 1 column 2 is '2.5'");
    assertRefused("1,2\n3,\n", "line 2 column 2 is ''");
    assertRefused("1 2,3\n", "line 1 column 1 is '1 2'");
    assertRefused("1,16777216\n", "line 1 column 2 is '16777216'");
    assertRefused("1,99999999999999999999\n", "column 2 is '99999999999999999999'");
    assertRefused("1,2\n3,4\n5\n", "line 3 has 1 columns, the line before it 2");
    assertRefused("1,2\n3,4,5\n", "line 2 has 3 columns");
  }

  @Test
  void parts_of_any_size_give_every_line_once() throws IOException {
    String content =
        String.join("\n", IntStream.range(0, 40).mapToObj(i -> i + "," + i * i).toList()) + "\n";
    InputFile file = file(content);
    for (long bytes = 1; bytes < 60; bytes++) {
      List<Part> parts = new Matrix().parts(storage, file, bytes);
      List<int[]> rows = new ArrayList<>();
      for (Part part : parts) {
        rows.addAll(read(part, new Profile(false)));
      }
      assertEquals(40, rows.size(), "parts of " + bytes);
      for (int i = 0; i < 40; i++) {
        assertArrayEquals(new int[] {i, i * i}, rows.get(i));
      }
    }
  }

  @Test
  void a_line_of_a_later_part_is_counted_from_the_beginning_of_the_file() throws IOException {
    InputFile file = file("1,2\n".repeat(20) + "1,?\n" + "1,2\n".repeat(20));
    for (Part part : new Matrix().parts(storage, file, 16)) {
      if (part.from() <= 80 && 80 < part.to()) {
        AncestralException refusal =
            assertThrows(AncestralException.class, () -> read(part, new Profile(false)));
        assertTrue(refusal.getMessage().contains("line 21 column 2 is '?'"), refusal.getMessage());
      } else {
        read(part, new Profile(false));
      }
    }
  }
}
