package dev.ancestral.data.source.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Storage;
import dev.ancestral.data.source.InputFile;
import dev.ancestral.data.source.RandomDraws;
import dev.ancestral.data.source.Sources;
import dev.ancestral.model.EventSpec;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PictureSizeTest {
  private static final Storage STORAGE = new Storage(new Configuration());

  @TempDir Path folder;

  private static Picture picture(int height, int width, int channels, int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return new Picture(height, width, channels, bytes);
  }

  @Test
  void a_pixel_is_the_mean_of_the_area_it_covers() {
    Picture four = picture(2, 2, 1, 0, 100, 200, 255);
    assertArrayEquals(new byte[] {(byte) 139}, four.resized(new PictureSize(1, 1)).values());
    // Two thirds of the first and one third of the second; halves go up.
    Picture three = picture(1, 3, 1, 0, 90, 255).resized(new PictureSize(1, 2));
    assertArrayEquals(new byte[] {30, (byte) 200}, three.values());
    assertArrayEquals(
        new byte[] {1}, picture(1, 2, 1, 0, 1).resized(new PictureSize(1, 1)).values());
  }

  @Test
  void any_size_is_the_exact_mean_of_every_channel() {
    RandomDraws draws = new RandomDraws(11);
    for (int i = 0; i < 300; i++) {
      int channels = draws.one(1, 3);
      int h = draws.between(1, 9);
      int w = draws.between(1, 9);
      int[] values = new int[h * w * channels];
      for (int k = 0; k < values.length; k++) {
        values[k] = draws.below(256);
      }
      PictureSize size = new PictureSize(draws.between(1, 9), draws.between(1, 9));
      Picture scaled = picture(h, w, channels, values).resized(size);
      // On a grid that both divide, every point counts once.
      for (int k = 0; k < scaled.values().length; k++) {
        int y = k / channels / size.width();
        int x = k / channels % size.width();
        long sum = 0;
        for (int gy = y * h; gy < (y + 1) * h; gy++) {
          for (int gx = x * w; gx < (x + 1) * w; gx++) {
            int at = gy / size.height() * w + gx / size.width();
            sum += values[at * channels + k % channels];
          }
        }
        BigInteger doubled = BigInteger.valueOf(2 * sum + (long) h * w);
        int mean = doubled.divide(BigInteger.valueOf(2L * h * w)).intValue();
        assertEquals(mean, scaled.values()[k] & 0xFF, h + "x" + w + " to " + size);
      }
    }
  }

  @Test
  void the_middle_is_cut_out_after_scaling() throws IOException {
    Picture picture = picture(3, 4, 1, 0, 1, 2, 3, 10, 11, 12, 13, 20, 21, 22, 23);
    assertArrayEquals(new byte[] {11, 12}, picture.cropped(new PictureSize(1, 2)).values());
    assertArrayEquals(new byte[] {1, 11}, picture.cropped(new PictureSize(2, 1)).values());
    Path file = folder.resolve("a.png");
    ImageIO.write(new BufferedImage(5, 4, BufferedImage.TYPE_BYTE_GRAY), "png", file.toFile());
    InputFile input = new InputFile(0, file.toUri().toString(), 0, 0);
    assertEquals(
        EventSpec.discrete(256, 6, 2, 1),
        new Images("", "", false, "8x8", "6x2").event(STORAGE, input));
    AncestralException refusal =
        assertThrows(
            AncestralException.class,
            () -> new Images("", "", false, "", "5x5").event(STORAGE, input));
    assertEquals(ErrorCode.DATA, refusal.code());
    assertTrue(refusal.getMessage().contains("a.png is 4x5, and 5x5 cannot"), refusal.getMessage());
  }

  @Test
  void options_are_read_or_refused() {
    Settings settings =
        Settings.of(Map.of("format", "images", "label", "parent", "resize", "8x9", "crop", "4x4"));
    assertEquals(
        "images labelled by their folders scaled to 8x9 cropped to 4x4",
        Sources.read(settings).toString());
    assertEquals(List.of(), settings.problems());
    for (String wrong : List.of("8", "0x4", "8x", "99999x99999", "-1x4")) {
      Settings refused = Settings.of(Map.of("format", "images", "resize", wrong));
      Sources.read(refused);
      assertTrue(refused.problems().get(0).contains("HEIGHTxWIDTH"), wrong);
    }
    Settings both =
        Settings.of(Map.of("format", "images", "label", "parent", "labelPattern", "(.)"));
    Sources.read(both);
    assertTrue(both.problems().get(0).contains("labelPattern says"), both.problems().toString());
  }
}
