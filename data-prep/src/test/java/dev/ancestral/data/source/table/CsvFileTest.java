package dev.ancestral.data.source.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvFileTest {
  private static final Table ALL = new Table(List.of(), "");

  @TempDir Path folder;

  private Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve(name), content);
  }

  private TableReading read(Table table, String content) throws IOException {
    return TableReading.of(table, file("t.csv", content));
  }

  private void assertRefused(Table table, String content, String... parts) throws IOException {
    file("t.csv", content);
    AncestralException refusal =
        assertThrows(
            AncestralException.class, () -> TableReading.of(table, folder.resolve("t.csv")));
    assertEquals(ErrorCode.DATA, refusal.code());
    for (String part : parts) {
      assertTrue(refusal.getMessage().contains(part), part + " not in: " + refusal.getMessage());
    }
  }

  private static Table columns(String... names) {
    return new Table(List.of(names), "");
  }

  @Test
  void a_row_of_another_length_is_refused_whichever_columns_are_asked_for() throws IOException {
    String rows = "name,a,b\n\"Doe, J\",1.5,2\nDoe, 33,2.5,3\n";
    assertRefused(
        columns("a", "b"), rows, "t.csv row 2: has another number of columns", "4, not 3");
    assertRefused(columns("a"), "a,b,c\n1,2,3\n4,5\n", "row 2", "2, not 3");
    assertRefused(columns("a"), "a,b,c\n1,2,3\n4,5,6,\n", "row 2", "4, not 3");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1d", "2f", "1D", "2F", "0x1p3", "0x10", "1L", "1_000", "Infinity", "-Infinity", "inf",
        "NaN", "nan", "\u0661\u0662", "\u22121", "1\u00bd", "1\u20ac", "1e", "e1", ".", "+", "--1",
        "1 2", "1,5", "\u20071", "1\u00a0", "1e+", "0b1"
      })
  void what_java_or_unicode_calls_a_number_is_none(String value) throws IOException {
    String quoted = value.contains(",") ? "\"" + value + "\"" : value;
    assertRefused(ALL, "id,x\n1,.5\n2," + quoted + "\n", "row 2: column 'x' is '" + value + "'");
    assertRefused(new Table(List.of("id"), "x"), "id,x\n1,1\n2," + quoted + "\n", "row 2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-", "\u2014", "\u00a0", "NULL?", "1d", "??"})
  void only_the_words_for_it_are_missing(String value) throws IOException {
    Table gaps = new Table(List.of(), "", 0, false, true);
    assertRefused(gaps, "x,y\n1,2\n3," + value + "\n", "row 2: column 'y' is '" + value + "'");
  }

  @Test
  void decimal_numbers_in_all_their_forms() throws IOException {
    TableReading reading = read(ALL, "x\n1\n-1\n+1\n.5\n5.\n1e3\n-1.5E-2\n 7\t\n\"8\"\n00012\n");
    assertEquals("[1.0][-1.0][1.0][0.5][5.0][1000.0][-0.015][7.0][8.0][12.0]", reading.text());
  }

  @Test
  void headers_without_names_twice_or_with_spaces_are_columns() throws IOException {
    TableReading index = read(columns("a", "b"), ",a,b\n0,1.5,2\n1,2.5,3\n");
    assertEquals("[1.5, 2.0][2.5, 3.0]", index.text());
    TableReading all = read(ALL, ",a,b\n0,1.5,2\n1,2.5,3\n");
    assertEquals(List.of("Unnamed: 0", "a", "b"), all.event().columnNames());
    assertEquals("[1.0]", read(columns("Unnamed: 0"), ",a\n1,1.5\n").text());
    TableReading twice = read(ALL, "x,x,y\n1,2,3\n");
    assertEquals(List.of("x", "x.1", "y"), twice.event().columnNames());
    assertEquals("[3.0, 2.0]", read(columns("y", "x.1"), "x,x,y\n1,2,3\n").text());
    TableReading spaces = read(columns("b c", "a"), " a , b c \n1,2\n");
    assertEquals("[2.0, 1.0]", spaces.text());
    assertEquals("[1.0]", read(columns("_c0"), "_c0,__corrupt\n1,\"text\"\n").text());
    assertEquals("[1.5, 2.5]", read(columns("a", "A"), "a,A,b`c\n1.5,2.5,3.5\n").text());
    assertEquals("[3.5]", read(columns("b`c"), "a,A,b`c\n1.5,2.5,3.5\n").text());
  }

  @Test
  void columns_are_found_by_name_in_each_file() throws IOException {
    Path first = file("1.csv", "x,y\n1,2.5\n");
    Path second = file("2.csv", "y,x\n3.5,4\n");
    assertEquals("[1.0, 2.5][4.0, 3.5]", TableReading.of(ALL, first, second).text());
    Path third = file("3.csv", "y,x,z\n3.5,4,5\n");
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> TableReading.of(ALL, first, third));
    assertTrue(refusal.getMessage().contains("3.csv has a column 'z'"), refusal.getMessage());
    assertEquals("[1.0][4.0]", TableReading.of(columns("x"), first, third).text());
    Path fourth = file("4.csv", "y\n3.5\n");
    refusal = assertThrows(AncestralException.class, () -> TableReading.of(ALL, first, fourth));
    assertTrue(refusal.getMessage().contains("4.csv has no column 'x'"), refusal.getMessage());
  }

  @Test
  void parts_without_a_row_or_even_a_header_are_passed_over() throws IOException {
    Path empty = file("part-0.csv", "");
    Path header = file("part-1.csv", "x,y\n");
    Path rows = file("part-2.csv", "x,y\n1,2.5\n");
    Path blank = file("part-3.csv", "\n");
    assertEquals("[1.0, 2.5]", TableReading.of(ALL, empty, header, rows, blank).text());
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> TableReading.of(ALL, empty, blank));
    assertTrue(refusal.getMessage().contains("no header"), refusal.getMessage());
  }

  @Test
  void quotes_hold_commas_line_breaks_and_quotes() throws IOException {
    String rows =
        "\uFEFF\"name, \"\"x\"\"\",a,b\r\n\"Doe,\r\n J\",1.5,2\r\n\r\n \"\"\"\" , 2.5 ,\"3\"\r\n";
    assertEquals("[1.5, 2.0][2.5, 3.0]", read(columns("a", "b"), rows).text());
    assertEquals("[1.0][2.0]", read(ALL, "x\r1\r2\r").text());
    assertRefused(columns("a"), "n,a\n\"x\ny,1\n", "row 1: has a quote that is not closed");
    assertRefused(columns("a"), "n,a\nx,1\n\"y\"z,2\n", "row 2: has text behind the closing quote");
    assertEquals("[1.0]", read(columns("a"), "n,a\n5\" nail,1\n").text());
  }

  @Test
  void parts_of_any_size_give_every_row_once() throws IOException {
    StringBuilder content = new StringBuilder("n,a\r\n");
    for (int i = 0; i < 40; i++) {
      content.append(i % 3 == 0 ? "\"x\n,\"\"\n\"" : "y").append(',').append(i).append("\r\n");
      content.append(i % 5 == 0 ? "\r\n" : "");
    }
    Path file = file("t.csv", content.toString());
    String whole = TableReading.of(columns("a"), file).text();
    for (long bytes = 1; bytes < 60; bytes++) {
      TableReading parts = TableReading.of(columns("a"), List.of(file), bytes);
      assertEquals(40, parts.rows().size());
      assertEquals(whole, parts.text());
    }
    Path wrong = file("w.csv", content + "\"z\",1d\n");
    for (long bytes : new long[] {1, 30, 1000}) {
      AncestralException refusal =
          assertThrows(
              AncestralException.class, () -> TableReading.of(columns("a"), List.of(wrong), bytes));
      assertTrue(refusal.getMessage().contains("w.csv row 41: column 'a'"), refusal.getMessage());
    }
  }

  @Test
  void a_table_may_have_as_many_columns_as_it_likes() throws IOException {
    int count = 30_000;
    String header =
        IntStream.range(0, count).mapToObj(i -> "c" + i).collect(Collectors.joining(","));
    String row = String.join(",", Collections.nCopies(count, "1.5"));
    TableReading reading = read(ALL, header + "\n" + row + "\n" + row + "\n");
    assertEquals(2, reading.rows().size());
    assertEquals(count, reading.rows().get(1).length);
  }

  @Test
  void labels_are_whole_numbers_however_they_are_written() throws IOException {
    Table labelled = new Table(List.of("x"), "y");
    assertEquals(List.of(0, 1, 2), read(labelled, "x,y\n1,0.0\n2,1.0\n3,2e0\n").labels());
    assertEquals(List.of(1, 0, 1), read(labelled, "x,y\n1,True\n2,false\n3,1\n").labels());
    assertRefused(labelled, "x,y\n1,0.5\n", "row 1: column 'y' is '0.5'", "whole number");
    assertRefused(labelled, "x,y\n1,-1.0\n", "column 'y' is '-1.0'");
    assertRefused(labelled, "x,y\n1,\n", "column 'y' is empty");
    assertRefused(labelled, "x,y\n1,1048576\n", "from 0 to 1048575");
  }

  @Test
  void whole_numbers_that_float32_does_not_hold_are_refused() throws IOException {
    String rows = "x,y\n100000000,1.5\n100000001,2.5\n100000002,3.5\n";
    assertRefused(ALL, rows, "t.csv row 2: column 'x' is '100000001'", "subtract an offset");
    assertRefused(ALL, "x\n16777217\n", "row 1: column 'x' is '16777217'");
    assertRefused(ALL, "x\n-16777217\n", "row 1: column 'x' is '-16777217'");
    assertRefused(ALL, "x\n9223372036854775807\n", "'9223372036854775807'");
    assertRefused(ALL, "x\n10000000000000000000001\n", "'10000000000000000000001'");
    assertEquals(
        "[1.6777216E7][1.6777218E7][9.223372E18]",
        read(ALL, "x\n16777216\n16777218\n9223372036854775808\n").text());
    // As real numbers they are rounded, unless their spread cannot bear it.
    Table real = new Table(List.of(), "", 0, true);
    assertRefused(real, rows, "row 3: column 'x' is 1.00000002E8", "float32 holds", "2.0 away");
    assertEquals(3, read(real, "x\n0\n100000001\n300000007\n").rows().size());
  }

  @Test
  void real_numbers_whose_spread_float32_does_not_keep_are_refused() throws IOException {
    assertRefused(
        ALL,
        "x,y\n1000000.01,1\n1000000.02,2\n1000000.03,3\n",
        "column 'x' is 1000000.0",
        "standard deviation");
    assertRefused(ALL, "x\n1e-50\n2e-50\n", "column 'x' is");
    assertEquals(EventSpec.continuous(1).shape(), read(ALL, "x\n0.1\n0.1\n0.1\n").event().shape());
    // What float64 itself cannot tell apart counts as constant.
    assertEquals(2, read(ALL, "x\n0.3\n0.30000000000000004\n").rows().size());
    assertEquals(3, read(ALL, "x\n1000.1\n1000.2\n1001.3\n").rows().size());
  }

  @Test
  void the_same_rows_are_refused_in_parts_of_any_size() throws IOException {
    List<String> lines = new ArrayList<>(Collections.nCopies(50, "1700000000.25,1"));
    lines.set(30, "1700000003.75,2");
    Path file = file("t.csv", "t,y\n" + String.join("\n", lines) + "\n");
    for (long bytes : new long[] {1, 40, 300, 10_000}) {
      AncestralException refusal =
          assertThrows(AncestralException.class, () -> TableReading.of(ALL, List.of(file), bytes));
      assertTrue(refusal.getMessage().contains("row 31: column 't'"), refusal.getMessage());
    }
  }

  @Test
  void elements_carry_the_names_of_their_columns() throws IOException {
    EventSpec event = read(columns("b", "a"), "a,b\n1,2.5\n").event();
    assertEquals(
        List.of(new EventSpec.Column("b", 1), new EventSpec.Column("a", 1)), event.columns());
    assertArrayEquals(new float[] {2.5f, 1}, read(columns("b", "a"), "a,b\n1,2.5\n").rows().get(0));
  }
}
