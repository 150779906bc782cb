package dev.ancestral.data.source.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.data.Storage;
import dev.ancestral.data.source.InputFile;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small files that Pillow made (make.py beside them), and the values that are right. */
class ForeignImagesTest {
  private static Path foreign(String name) {
    try {
      return Path.of(
          ForeignImagesTest.class
              .getResource("/dev/ancestral/data/source/foreign/" + name)
              .toURI());
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
