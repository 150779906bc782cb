package dev.ancestral.data.source.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small files that pyarrow made (make.py beside them), and the values that are right. */
class ForeignParquetTest {
  private static final Table ALL = new Table(List.of(), "");

  @TempDir Path folder;

  private static Path foreign(String name) {
    try {
      return Path.of(
          ForeignParquetTest.class
              .getResource("/dev/ancestral/data/source/foreign/" + name)
              .toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void parquet_parts_may_differ_in_types_and_order() throws IOException {
    TableReading reading = TableReading.of(ALL, foreign("whole.parquet"), foreign("real.parquet"));
    assertEquals("[1.0, 3.0][2.0, 4.0][-1.5, 0.5][2.5, 3.0]", reading.text());
    assertEquals(List.of("a", "b"), reading.event().columnNames());
    TableReading turned = TableReading.of(ALL, foreign("real.parquet"), foreign("whole.parquet"));
    assertEquals("[0.5, -1.5][3.0, 2.5][3.0, 1.0][4.0, 2.0]", turned.text());
  }

  @Test
  void parquet_columns_of_any_name_are_read() throws IOException {
    assertEquals("[1.5, 2.5, 3.5, 4.5]", TableReading.of(ALL, foreign("names.parquet")).text());
    Table some = new Table(List.of("d.e", "b`c", "A"), "");
    assertEquals("[4.5, 3.5, 2.5]", TableReading.of(some, foreign("names.parquet")).text());
  }

  @Test
  void every_type_of_number_is_read_and_gaps_are_kept() throws IOException {
    Table gaps = new Table(List.of(), "", 0, false, true);
    TableReading reading = TableReading.of(gaps, foreign("types.parquet"));
    float no = Float.NaN;
    assertArrayEquals(
        new float[] {
          -8, 200, 4294967040f, 0x1.fffffep63f, 1, 0.25f, -0.125f, -1.25f, 3.5f, 1.5f, 2.5f, 5, 6
        },
        reading.rows().get(0));
    assertArrayEquals(
        new float[] {no, no, no, no, no, no, no, no, no, no, 3.5f, 7, no}, reading.rows().get(1));
    assertEquals(new EventSpec.Column("list", 2), reading.event().columns().get(9));
  }

  @Test
  void encodings_are_read_or_refused_by_column_and_type() throws IOException {
    assertEquals("[0.5][3.0][-2.0]", TableReading.of(ALL, foreign("splitReal.parquet")).text());
    assertRefused(ALL, "splitWhole.parquet", "column 'x' of type INT32", "BYTE_STREAM_SPLIT");
  }

  @Test
  void parquet_columns_that_are_no_numbers_are_not_left_out_in_silence() throws IOException {
    assertRefused(
        ALL,
        "mixed.parquet",
        "'text' of type string",
        "'day' of type date",
        "'vector' of type struct",
        "name the columns to read");
    Table some = new Table(List.of("x"), "id");
    TableReading reading = TableReading.of(some, foreign("mixed.parquet"));
    assertEquals("[2.5]", reading.text());
    assertEquals(List.of(7), reading.labels());
    assertRefused(new Table(List.of("day"), ""), "mixed.parquet", "'day' of type date");
    assertRefused(new Table(List.of("x"), "text"), "mixed.parquet", "'text' is of type string");
  }

  @Test
  void a_parquet_file_that_ends_early_or_is_spoiled_is_refused() throws IOException {
    byte[] whole = Files.readAllBytes(foreign("types.parquet"));
    Table gaps = new Table(List.of(), "", 0, false, true);
    for (int length = 5; length < whole.length; length += 97) {
      Path cut = Files.write(folder.resolve("cut.parquet"), Arrays.copyOf(whole, length));
      AncestralException refusal =
          assertThrows(AncestralException.class, () -> TableReading.of(gaps, cut));
      assertEquals(ErrorCode.DATA, refusal.code(), refusal.getMessage());
    }
  }

  private void assertRefused(Table table, String name, String... parts) {
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> TableReading.of(table, foreign(name)));
    assertEquals(ErrorCode.DATA, refusal.code());
    for (String part : parts) {
      assertTrue(refusal.getMessage().contains(part), part + " not in: " + refusal.getMessage());
    }
  }
}
