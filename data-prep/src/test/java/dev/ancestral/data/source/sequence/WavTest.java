package dev.ancestral.data.source.sequence;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Storage;
import dev.ancestral.data.source.InputFile;
import dev.ancestral.data.source.Sources;
import dev.ancestral.data.source.sequence.WavBytes.Container;
import dev.ancestral.model.EventSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WavTest {
  private static final Storage STORAGE = new Storage(new Configuration());

  @TempDir Path folder;

  private byte[] read(String channel, byte[] content) throws IOException {
    Path path = Files.write(folder.resolve("a.wav"), content);
    InputFile file = new InputFile(0, path.toUri().toString(), content.length, 0);
    Wav source = new Wav("", "", channel);
    EventSpec event = source.event(STORAGE, file);
    assertEquals(8000, event.sampleRate());
    return source.read(STORAGE, file, event, "").payload();
  }

  private static byte[] wav(int kind, int bits, int channels, double... stored) {
    byte[] data = WavBytes.data(kind, bits, stored);
    return WavBytes.of(Container.RIFF, kind, false, bits, channels, 8000, data);
  }

  private void assertRefused(String channel, byte[] content, String... parts) {
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> read(channel, content));
    assertEquals(ErrorCode.DATA, refusal.code());
    assertTrue(refusal.getMessage().contains("a.wav"), refusal.getMessage());
    for (String part : parts) {
      assertTrue(refusal.getMessage().contains(part), part + " not in " + refusal.getMessage());
    }
  }

  private static byte[] codes(int... codes) {
    byte[] bytes = new byte[codes.length];
    for (int i = 0; i < codes.length; i++) {
      bytes[i] = (byte) codes[i];
    }
    return bytes;
  }

  @Test
  void an_amplitude_has_one_code_in_every_encoding() throws IOException {
    // f(1/2) = ln 128.5 / ln 256 = 0.875703..., and (1 + f)/2 · 255 + 0.5 = 239.65...; of −1/2 it
    // is 16.35.
    byte[] expected = codes(128, 239, 16, 0);
    assertArrayEquals(expected, read("", wav(1, 8, 1, 128, 192, 64, 0)));
    for (int bits : new int[] {16, 24, 32}) {
      double half = Math.scalb(1.0, bits - 2);
      assertArrayEquals(expected, read("", wav(1, bits, 1, 0, half, -half, -2 * half)), "" + bits);
    }
    for (int bits : new int[] {32, 64}) {
      assertArrayEquals(
          codes(128, 239, 16, 0, 255, 128), read("", wav(3, bits, 1, 0, 0.5, -0.5, -1, 1, -0.0)));
    }
    // The last bit of 24 decides where code 129 begins, at f = 2 · 128.5 / 255 − 1.
    double edge = Math.expm1(Math.log(256) * (2 * 128.5 / 255 - 1)) / 255 * (1 << 23);
    assertArrayEquals(codes(128, 129), read("", wav(1, 24, 1, Math.floor(edge), Math.ceil(edge))));
  }

  @Test
  void every_container_and_the_extensible_format_hold_the_same() throws IOException {
    for (Container container : Container.values()) {
      for (boolean extensible : new boolean[] {false, true}) {
        byte[] pcm = WavBytes.data(1, 24, 0, 1 << 22);
        assertArrayEquals(
            codes(128, 239), read("", WavBytes.of(container, 1, extensible, 24, 1, 8000, pcm)));
        byte[] real = WavBytes.data(3, 32, 0.5, 0);
        byte[] file = WavBytes.of(container, 3, extensible, 32, 1, 8000, real);
        assertArrayEquals(codes(239, 128), read("", file));
        assertRefused(
            "", Arrays.copyOf(file, file.length - 1), "cut short at byte " + (file.length - 1));
      }
    }
    byte[] file = WavBytes.of(Container.RF64, 1, false, 16, 1, 8000, new byte[] {0, 64});
    byte[] unknown = file.clone();
    ByteBuffer.wrap(unknown).order(ByteOrder.LITTLE_ENDIAN).putLong(28, -1);
    assertArrayEquals(codes(239), read("", unknown));
    byte[] huge = file.clone();
    ByteBuffer.wrap(huge).order(ByteOrder.LITTLE_ENDIAN).putLong(28, 1L << 33);
    assertRefused("", huge, "is cut short", "its part 'data' should reach byte");
    byte[] without = file.clone();
    without[12] = 'x';
    assertRefused("", without, "no size of its part 'LIST'", "ds64");
    byte[] many = file.clone();
    ByteBuffer.wrap(many).order(ByteOrder.LITTLE_ENDIAN).putInt(44, -1);
    assertRefused("", many, "is cut short");
  }

  @Test
  void a_channel_is_chosen_or_all_are_averaged() throws IOException {
    byte[] stereo = wav(1, 16, 2, 16384, 0, -16384, 16384, -32768, -32768);
    assertRefused("", stereo, "has 2 channels", "--channel", "left, right, mix");
    assertArrayEquals(codes(239, 16, 0), read("left", stereo));
    assertArrayEquals(codes(239, 16, 0), read("1", stereo));
    assertArrayEquals(codes(128, 239, 0), read("right", stereo));
    assertArrayEquals(codes(128, 239, 0), read("2", stereo));
    assertArrayEquals(codes(Wav.code(8192), 128, 0), read("mix", stereo));
    assertRefused("3", stereo, "has 2 channels, but channel 3 is asked for");
    byte[] mono = wav(1, 16, 1, 16384);
    assertArrayEquals(codes(239), read("mix", mono));
    assertArrayEquals(codes(239), read("left", mono));
    assertRefused("right", mono, "has 1 channel, but channel 2 is asked for");
  }

  @Test
  void the_mean_is_that_of_the_exact_sum() throws IOException {
    // Added from left to right in float64, the small one is lost.
    byte[] file = wav(3, 64, 3, 1, 0x1p-60, -1);
    WavFile sound = WavFile.read(file, new InputFile(0, "file:/a.wav", 0, 0));
    assertEquals(0x1p-60 / 3, sound.mean(0));
    WavFile large =
        WavFile.read(
            wav(1, 32, 3, Integer.MAX_VALUE, Integer.MAX_VALUE, Integer.MIN_VALUE),
            new InputFile(0, "file:/a.wav", 0, 0));
    assertEquals((Integer.MAX_VALUE - 1) / 3.0 / 0x1p31, large.mean(0));
    assertEquals(-1, large.amplitude(0, 2));
  }

  @Test
  void floats_that_are_no_amplitudes_are_refused_with_their_place() {
    for (int bits : new int[] {32, 64}) {
      for (double wrong : new double[] {Double.NaN, Double.POSITIVE_INFINITY, 1.0001, -1.0001}) {
        byte[] stereo = wav(3, bits, 2, 0, 0, 0.5, wrong);
        // Behind RIFF, the format and a part of 14 bytes.
        String at = "at byte " + (12 + 24 + 14 + 8 + 3 * bits / 8);
        for (String channel : List.of("right", "mix")) {
          assertRefused(channel, stereo, at, "in sample 2 of channel 2", "from -1 to 1");
        }
      }
    }
  }

  @Test
  void what_is_not_read_is_named() {
    byte[] content = wav(1, 16, 1, 1, 2);
    ByteBuffer.wrap(content).order(ByteOrder.LITTLE_ENDIAN).putShort(32, (short) 4);
    assertRefused("", content, "take 4 bytes, but 1 of 16 bits take 2");
    assertRefused("", wav(3, 16, 1), "floating point", "16 bits", "it must be PCM (1) of 8, 16");
    assertRefused("", wav(1, 40, 1), "40 bits");
    byte[] odd = wav(1, 16, 2, 1, 2, 3);
    assertRefused("left", odd, "ends at byte " + odd.length, "between 2 channels");
  }

  @Test
  void options_are_read_or_refused() {
    Settings settings = Settings.of(Map.of("format", "wav", "channel", 2));
    assertEquals("wav by channel 2", Sources.read(settings).toString());
    for (String wrong : List.of("0", "-1", "centre", "100000")) {
      Settings refused = Settings.of(Map.of("format", "wav", "channel", wrong));
      Sources.read(refused);
      assertTrue(refused.problems().get(0).contains("left, right, mix"), wrong);
    }
  }
}
