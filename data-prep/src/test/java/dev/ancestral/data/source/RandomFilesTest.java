package dev.ancestral.data.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import dev.ancestral.data.source.array.Idx;
import dev.ancestral.data.source.array.Matrix;
import dev.ancestral.data.source.image.Images;
import dev.ancestral.data.source.sequence.Sequences;
import dev.ancestral.data.source.sequence.Text;
import dev.ancestral.data.source.sequence.Wav;
import dev.ancestral.data.source.sequence.WavBytes;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import javax.sound.sampled.AudioFileFormat;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioInputStream;
import javax.sound.sampled.AudioSystem;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A thousand random files a format, whose values are known or read by another program: each is read
 * as the same values, and each that is spoiled is refused, never read as others.
 */
class RandomFilesTest {
  private static final int FILES = 1000;

  @TempDir Path folder;

  private final Storage storage = new Storage(new Configuration());

  private InputFile file(byte[] content) throws IOException {
    Path file = Files.write(folder.resolve("file"), content);
    return new InputFile(0, file.toUri().toString(), content.length, 0);
  }

  private List<int[]> read(StreamedFormat format, byte[] content, String split) throws IOException {
    List<int[]> rows = new ArrayList<>();
    Profile profile = new Profile(format.remembersValues());
    for (Part part : format.parts(storage, file(content), format.partBytes())) {
      try (StreamedFormat.Reader reader = format.open(storage, part, split)) {
        for (int[] row = reader.next(); row != null; row = reader.next()) {
          profile.add(reader, row);
          rows.add(row);
        }
      } catch (IOException e) { // As the first pass maps it.
        throw InputBytes.refusal(part.file().path(), e);
      }
    }
    return rows;
  }

  private void assertRead(StreamedFormat format, byte[] content, List<int[]> expected, String at)
      throws IOException {
    List<int[]> rows = read(format, content, "train");
    assertEquals(expected.size(), rows.size(), at);
    for (int i = 0; i < rows.size(); i++) {
      assertArrayEquals(expected.get(i), rows.get(i), at);
    }
  }

  private void assertRefused(StreamedFormat format, byte[] content, String at) {
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> read(format, content, "train"), at);
    assertEquals(ErrorCode.DATA, refusal.code(), refusal.getMessage());
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(content);
    }
    return packed.toByteArray();
  }

  @Test
  void matrices() throws IOException {
    RandomDraws draws = new RandomDraws(1);
    for (int i = 0; i < FILES; i++) {
      String at = "matrix " + i;
      int columns = draws.between(1, 5);
      boolean spoiled = draws.chance(0.3);
      List<int[]> expected = new ArrayList<>();
      StringBuilder text = new StringBuilder(draws.chance(0.1) ? "\uFEFF" : "");
      int rows = draws.between(1, 6);
      for (int r = 0; r < rows; r++) {
        int wrong = spoiled && r == rows - 1 ? draws.below(columns) : -1;
        int[] row = new int[columns];
        for (int c = 0; c < columns; c++) {
          row[c] = draws.below(draws.one(2, 256, 1 << 24));
          String field =
              c == wrong
                  ? draws.one(
                      "x",
                      "-1",
                      "1.0",
                      "1 1",
                      "\u22121",
                      "\u0661",
                      "1\u00a0",
                      "1d",
                      "",
                      "0x1",
                      "16777216",
                      "99999999999999999999",
                      "1;2",
                      "NaN",
                      "\"1\"")
                  : "0".repeat(draws.below(3)) + row[c];
          String space = draws.one("", "", "", " ", "\t");
          text.append(c == 0 ? "" : ",").append(space).append(field).append(space);
        }
        // A field too many makes a line of one blank column a wrong one, not a blank one.
        text.append(wrong >= 0 ? ",1" : "").append(draws.one("\n", "\r\n", "\n\n"));
        expected.add(row);
      }
      byte[] content = text.toString().getBytes(UTF_8);
      byte[] stored = draws.chance(0.2) ? gzip(content) : content;
      if (spoiled) {
        assertRefused(new Matrix(), stored, at);
      } else {
        assertRead(new Matrix(), stored, expected, at);
        if (stored != content) {
          byte[] cut = Arrays.copyOf(stored, draws.between(2, stored.length - 1));
          assertRefused(new Matrix(), cut, at);
        }
      }
    }
  }

  @Test
  void idx() throws IOException {
    RandomDraws draws = new RandomDraws(2);
    for (int i = 0; i < FILES; i++) {
      int type = draws.one(0x08, 0x08, 0x09, 0x0B, 0x0C, 0x0D, 0x0E);
      boolean real = type >= 0x0D || draws.chance(0.2);
      Idx format = new Idx(List.of(), 0, real);
      String at = "idx " + i + " of type " + type;
      int dimensions = draws.between(1, 4);
      ByteBuffer file =
          ByteBuffer.allocate(9000).put(new byte[] {0, 0, (byte) type, (byte) dimensions});
      int examples = draws.between(1, 5);
      file.putInt(examples);
      int size = 1;
      for (int d = 1; d < dimensions; d++) {
        int length = draws.between(1, 5);
        size *= length;
        file.putInt(length);
      }
      List<int[]> expected = new ArrayList<>();
      for (int e = 0; e < examples; e++) {
        int[] example = new int[size];
        for (int k = 0; k < size; k++) {
          int whole = draws.below(type == 0x08 ? 256 : type == 0x09 ? 128 : 32768);
          int signed = real && type != 0x08 && draws.chance(0.5) ? -whole : whole;
          float value = type >= 0x0D ? signed / 7f : signed;
          switch (type) {
            case 0x08, 0x09 -> file.put((byte) signed);
            case 0x0B -> file.putShort((short) signed);
            case 0x0C -> file.putInt(signed);
            case 0x0D -> file.putFloat(value);
            default -> file.putDouble(value);
          }
          example[k] = real ? Float.floatToIntBits(value) : signed;
        }
        expected.add(example);
      }
      byte[] content = Arrays.copyOf(file.array(), file.position());
      boolean packed = draws.chance(0.2);
      assertRead(format, packed ? gzip(content) : content, expected, at);
      byte[] cut = Arrays.copyOf(content, draws.below(content.length));
      assertRefused(format, packed ? gzip(cut) : cut, at);
      byte[] longer = Arrays.copyOf(content, content.length + draws.between(1, 9));
      assertRefused(format, packed ? gzip(longer) : longer, at);
      if (draws.chance(0.5)) {
        content[2] = draws.one((byte) 0, (byte) 7, (byte) 10, (byte) 15, (byte) -8);
      } else {
        content[draws.below(2)] += (byte) draws.between(1, 255);
      }
      assertRefused(format, content, at);
    }
  }

  @Test
  void sound() throws IOException {
    RandomDraws draws = new RandomDraws(3);
    for (int i = 0; i < FILES; i++) {
      int bits = draws.one(16, 16, 16, 8, 24, 32);
      int channels = draws.one(1, 1, 1, 2, 3);
      int rate = draws.one(8000, 16000, 44100);
      byte[] frames = new byte[draws.between(1, 40) * bits / 8 * channels];
      for (int k = 0; k < frames.length; k++) {
        frames[k] = (byte) draws.below(256);
      }
      AudioFormat audio = new AudioFormat(rate, bits, channels, bits > 8, false);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      AudioSystem.write(
          new AudioInputStream(
              new ByteArrayInputStream(frames), audio, frames.length / audio.getFrameSize()),
          AudioFileFormat.Type.WAVE,
          out);
      byte[] content = out.toByteArray();
      double[] stored = new double[frames.length / (bits / 8)];
      for (int k = 0; k < stored.length; k++) {
        byte[] bigEndian = new byte[bits / 8];
        for (int b = 0; b < bigEndian.length; b++) {
          bigEndian[b] = frames[(k + 1) * bigEndian.length - 1 - b];
        }
        BigInteger value = new BigInteger(bigEndian);
        stored[k] = bits == 8 ? (value.intValue() & 0xFF) - 128 : value.doubleValue();
      }
      assertSound(draws, content, channels, Math.scalb(1.0, bits - 1), stored, "sound " + i);
    }
  }

  @Test
  void sound_of_floating_point_and_in_other_containers() throws IOException {
    RandomDraws draws = new RandomDraws(7);
    for (int i = 0; i < FILES; i++) {
      boolean real = draws.chance(0.5);
      int bits = real ? draws.one(32, 64) : draws.one(8, 16, 24, 32);
      int channels = draws.between(1, 4);
      double fullScale = real ? 1 : Math.scalb(1.0, bits - 1);
      double[] stored = new double[draws.between(1, 30) * channels];
      for (int k = 0; k < stored.length; k++) {
        double value = (2 * draws.uniform() - 1) * Math.scalb(1.0, -draws.below(40));
        double scaled = real ? value : Math.floor(value * fullScale);
        stored[k] = real && bits == 32 ? (float) scaled : scaled;
      }
      double[] written =
          Arrays.stream(stored).map(value -> !real && bits == 8 ? value + 128 : value).toArray();
      WavBytes.Container container = draws.one(WavBytes.Container.values());
      int kind = real ? 3 : 1;
      boolean extensible = draws.chance(0.5);
      byte[] data = WavBytes.data(kind, bits, written);
      byte[] content = WavBytes.of(container, kind, extensible, bits, channels, 8000, data);
      String at = "sound " + i + " " + container + " of " + bits + " bits";
      assertSound(draws, content, channels, fullScale, stored, at);
    }
  }

  private void assertSound(
      RandomDraws draws, byte[] content, int channels, double fullScale, double[] stored, String at)
      throws IOException {
    String channel = draws.one("", "left", "mix", "" + draws.between(1, channels));
    Wav format = new Wav("", "", channel);
    if (channels > 1 && channel.isEmpty()) {
      assertRefused(format, content, at);
      return;
    }
    byte[] expected = new byte[stored.length / channels];
    for (int t = 0; t < expected.length; t++) {
      double amplitude;
      if (channel.equals("mix")) {
        BigDecimal sum = BigDecimal.ZERO;
        for (int c = 0; c < channels; c++) {
          sum = sum.add(new BigDecimal(stored[t * channels + c]));
        }
        amplitude = sum.doubleValue() / channels / fullScale;
      } else {
        int one = channel.matches("\\d+") ? Integer.parseInt(channel) - 1 : 0;
        amplitude = stored[t * channels + one] / fullScale;
      }
      double compressed = StrictMath.log(1 + 255 * Math.abs(amplitude)) / StrictMath.log(256);
      double f = amplitude < 0 ? -compressed : compressed;
      expected[t] = (byte) (int) Math.floor((f + 1) / 2 * 255 + 0.5);
    }
    assertArrayEquals(expected, payload(format, content), at + " by channel " + channel);
    assertRefused(format, Arrays.copyOf(content, draws.below(content.length)), at);
  }

  private byte[] payload(FileFormat format, byte[] content) throws IOException {
    InputFile file = file(content);
    return format.read(storage, file, format.event(storage, file), "").payload();
  }

  private void assertRefused(FileFormat format, byte[] content, String at) {
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> payload(format, content), at);
    assertEquals(ErrorCode.DATA, refusal.code(), refusal.getMessage());
  }

  @Test
  void pictures() throws IOException {
    RandomDraws draws = new RandomDraws(4);
    Images format = new Images("", "");
    for (int i = 0; i < FILES; i++) {
      int type =
          draws.one(
              BufferedImage.TYPE_BYTE_GRAY,
              BufferedImage.TYPE_USHORT_GRAY,
              BufferedImage.TYPE_3BYTE_BGR,
              BufferedImage.TYPE_INT_RGB,
              BufferedImage.TYPE_4BYTE_ABGR,
              BufferedImage.TYPE_BYTE_BINARY);
      boolean jpeg =
          (type == BufferedImage.TYPE_BYTE_GRAY || type == BufferedImage.TYPE_3BYTE_BGR)
              && draws.chance(0.5);
      BufferedImage image = new BufferedImage(draws.between(1, 20), draws.between(1, 20), type);
      int bands = image.getRaster().getNumBands();
      int largest = (1 << image.getSampleModel().getSampleSize(0)) - 1;
      int channels = bands == 1 ? 1 : 3;
      byte[] expected = new byte[image.getWidth() * image.getHeight() * channels];
      for (int p = 0; p < image.getWidth() * image.getHeight(); p++) {
        for (int band = 0; band < bands; band++) {
          int sample = draws.below(largest + 1);
          image.getRaster().setSample(p % image.getWidth(), p / image.getWidth(), band, sample);
          if (band < 3) {
            expected[p * channels + band] = (byte) Math.round(sample * 255.0 / largest);
          }
        }
      }
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ImageIO.write(image, jpeg ? "jpg" : "png", out);
      byte[] content = out.toByteArray();
      String at = "picture " + i + " of type " + type + (jpeg ? " as JPEG" : "");
      byte[] payload = payload(format, content);
      if (jpeg) {
        assertNear(ImageIO.read(new ByteArrayInputStream(content)), payload, channels, at);
      } else {
        assertArrayEquals(expected, payload, at);
      }
      assertRefused(format, Arrays.copyOf(content, draws.below(content.length)), at);
      if (!jpeg) {
        // Every byte counts, for Java's decoder alone would not notice.
        content[draws.between(8, content.length - 1)] += (byte) draws.between(1, 255);
        assertRefused(format, content, at);
      }
    }
  }

  private static void assertNear(BufferedImage other, byte[] payload, int channels, String at) {
    for (int p = 0; p < payload.length / channels; p++) {
      int x = p % other.getWidth();
      int y = p / other.getWidth();
      for (int c = 0; c < channels; c++) {
        int sample = other.getRaster().getSample(x, y, channels == 1 ? 0 : c);
        assertEquals(sample, payload[p * channels + c] & 0xFF, 1, at);
      }
    }
  }

  @Test
  void sequences() throws IOException {
    RandomDraws draws = new RandomDraws(5);
    Sequences format = new Sequences(21, 4);
    for (int i = 0; i < FILES; i++) {
      String at = "sequences " + i;
      List<int[]> expected = new ArrayList<>();
      StringBuilder list = new StringBuilder("[");
      for (int s = draws.below(4); s >= 0; s--) {
        int steps = draws.below(5);
        int[] values = new int[4 * steps];
        list.append(list.length() > 1 ? "," : "").append("[");
        for (int t = 0; t < steps; t++) {
          list.append(t == 0 ? "" : draws.one(",", " , ")).append("[");
          String comma = "";
          for (int k = 0; k < 4; k++) {
            if (draws.chance(0.4)) {
              values[4 * t + k] = 1;
              list.append(comma).append(21 + k);
              comma = ",";
            }
          }
          list.append("]");
        }
        list.append(draws.one("]", "]\n"));
        expected.add(values);
      }
      list.append("]");
      String before = draws.one("", "\"test\": [[[99]], []], ", "\"other\": {\"a\": [1, \"x\"]}, ");
      String after = draws.one("", ", \"valid\": []", ", \"note\": \"x\"");
      String whole = "{" + before + "\"train\": " + list + after + "}";
      assertRead(format, whole.getBytes(UTF_8), expected, at);
      int cut = draws.below(whole.length());
      assertRefused(format, whole.substring(0, cut).getBytes(UTF_8), at);
      String more = whole + draws.one("x", "{}", "\n" + whole, ",", "]", "\0", "1", "null");
      assertRefused(format, more.getBytes(UTF_8), at);
      String outside =
          whole.replaceFirst("\"train\": \\[", "\"train\": [[[" + draws.one(20, 25, -1) + "]],");
      assertRefused(format, outside.getBytes(UTF_8), at);
    }
  }

  @Test
  void texts() throws IOException {
    RandomDraws draws = new RandomDraws(6);
    for (int i = 0; i < FILES; i++) {
      String at = "text " + i;
      int length = draws.between(1, 9);
      int[] characters = new int[draws.between(1, 40)];
      for (int c = 0; c < characters.length; c++) {
        int character = draws.below(draws.one(0x80, 0x800, 0xD800, 0x110000));
        characters[c] = character >= 0xD800 && character < 0xE000 ? '\n' : character;
      }
      characters[0] = 'a';
      List<int[]> expected = new ArrayList<>();
      for (int from = 0; from < characters.length; from += length) {
        expected.add(
            Arrays.copyOfRange(characters, from, Math.min(characters.length, from + length)));
      }
      String text = new String(characters, 0, characters.length);
      byte[] content = text.getBytes(UTF_8);
      assertRead(new Text(length), draws.chance(0.2) ? gzip(content) : content, expected, at);
      ByteArrayOutputStream spoiled = new ByteArrayOutputStream();
      int at2 = text.offsetByCodePoints(0, draws.below(characters.length));
      spoiled.write(text.substring(0, at2).getBytes(UTF_8));
      spoiled.write(draws.one(0x80, 0xBF, 0xC0, 0xC1, 0xF5, 0xFF));
      spoiled.write(text.substring(at2).getBytes(UTF_8));
      assertRefused(new Text(length), spoiled.toByteArray(), at);
    }
  }
}
