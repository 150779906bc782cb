package dev.ancestral.data.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.Refusal;
import dev.ancestral.data.Storage;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Small files that Pillow and pyarrow made (make.py beside them), and the values that are right.
 */
class ForeignFilesTest {
  private static final Table ALL = new Table(List.of(), "");

  @TempDir Path folder;

  private static Path foreign(String name) {
    try {
      return Path.of(ForeignFilesTest.class.getResource("foreign/" + name).toURI());
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }

  private static Picture picture(String name) throws IOException {
    return ImageFile.decode(Files.readAllBytes(foreign(name)));
  }

  private static void assertPicture(String values, String name, int tolerance) throws IOException {
    byte[] right = Files.readAllBytes(foreign(values + ".values"));
    Picture picture = picture(name);
    assertEquals(
        List.of((int) right[0], (int) right[1], (int) right[2]),
        List.of(picture.height(), picture.width(), picture.channels()),
        name);
    for (int i = 0; i < picture.values().length; i++) {
      assertEquals(right[i + 3] & 0xFF, picture.values()[i] & 0xFF, tolerance, name + " at " + i);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gray16",
        "grayAlpha16",
        "rgb16",
        "rgba16",
        "bit",
        "grayPalette",
        "palette",
        "orientation2",
        "orientation3",
        "orientation4",
        "orientation5",
        "orientation6",
        "orientation7",
        "orientation8"
      })
  void png_samples_are_what_the_file_stores(String name) throws IOException {
    assertPicture(name, name + ".png", 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"gray", "colour", "subsampled", "rgb", "cmyk", "inks", "profile", "turned"})
  void jpeg_samples_are_those_of_another_decoder(String name) throws IOException {
    // Decoders may differ in how they round the inverse transform.
    assertPicture(name, name + ".jpg", 3);
  }

  @Test
  void inks_pass_through_no_curve() throws IOException {
    for (byte value : picture("cmyk.jpg").values()) {
      assertEquals(128, value & 0xFF, 3);
    }
  }

  @Test
  void a_profile_changes_nothing_in_either_format() throws IOException {
    assertArrayEquals(picture("colour.jpg").values(), picture("profile.jpg").values());
    byte[] png = picture("profile.png").values();
    byte[] jpeg = picture("profile.jpg").values();
    for (int i = 0; i < png.length; i++) {
      assertEquals(png[i] & 0xFF, jpeg[i] & 0xFF, 12, "at " + i);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"colour.jpg", "subsampled.jpg", "cmyk.jpg", "rgb16.png", "palette.png"})
  void a_picture_that_ends_early_is_refused_wherever_it_ends(String name) throws IOException {
    byte[] whole = Files.readAllBytes(foreign(name));
    for (int length = 0; length < whole.length; length += 1 + length / 50) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThrows(Exception.class, () -> ImageFile.decode(cut), name + " of " + length);
      // A program that mends the end alone does not bring back the middle. (A progressive file
      // whose later scans are missing is a whole one of less detail.)
      boolean baseline = name.endsWith("jpg") && !name.equals("subsampled.jpg");
      if (baseline && length > whole.length / 2 && length < whole.length - 40) {
        byte[] mended = Arrays.copyOf(cut, length + 2);
        mended[length] = (byte) 0xFF;
        mended[length + 1] = (byte) 0xD9;
        assertThrows(IOException.class, () -> ImageFile.decode(mended), name + " of " + length);
      }
    }
    // What follows the end of the picture is no part of it.
    byte[] longer = Arrays.copyOf(whole, whole.length + 7);
    assertArrayEquals(ImageFile.decode(whole).values(), ImageFile.decode(longer).values());
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
      Refusal refusal = assertThrows(Refusal.class, () -> TableReading.of(gaps, cut));
      assertEquals(Refusal.Kind.DATA, refusal.kind(), refusal.getMessage());
    }
  }

  private void assertRefused(Table table, String name, String... parts) {
    Refusal refusal = assertThrows(Refusal.class, () -> TableReading.of(table, foreign(name)));
    assertEquals(Refusal.Kind.DATA, refusal.kind());
    for (String part : parts) {
      assertTrue(refusal.getMessage().contains(part), part + " not in: " + refusal.getMessage());
    }
  }

  @Test
  void the_first_file_does_not_decide_about_colour() {
    Images images = new Images("", "");
    Storage storage = new Storage(new Configuration());
    InputFile gray = new InputFile(0, uri("gray.jpg"), 0, 0);
    InputFile colour = new InputFile(0, uri("colour.jpg"), 0, 0);
    EventSpec event = images.event(storage, gray);
    assertEquals(EventSpec.discrete(256, 24, 17, 1), event);
    assertEquals(EventSpec.discrete(256, 24, 17, 3), images.widest(event));
    assertTrue(images.needsWidest(storage, colour) && !images.needsWidest(storage, gray));
    byte[] payload = images.read(storage, gray, images.widest(event), "").payload();
    assertEquals(24 * 17 * 3, payload.length);
    assertEquals(payload[3], payload[5]);
  }

  private static String uri(String name) {
    URI uri = foreign(name).toUri();
    return uri.toString();
  }
}
