package dev.ancestral.data.source;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Dataset;
import dev.ancestral.data.Storage;
import dev.ancestral.data.prepare.LocalSpark;
import dev.ancestral.data.prepare.PrepareSpec;
import dev.ancestral.data.source.image.Images;
import dev.ancestral.data.source.sequence.Wav;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImagesWavTest {
  private static final Images IMAGES = new Images("", "");

  private static LocalSpark spark;

  @TempDir Path folder;

  @BeforeAll
  static void start() {
    spark = new LocalSpark(2, 3);
  }

  @AfterAll
  static void stop() {
    spark.close();
  }

  private void image(String name, int type, int height, int width, int shade) throws IOException {
    BufferedImage image = new BufferedImage(width, height, type);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        if (type == BufferedImage.TYPE_BYTE_GRAY) {
          image.getRaster().setSample(x, y, 0, shade + y * width + x);
        } else {
          image.setRGB(x, y, 0xFF000000 | shade << 16 | y << 8 | x);
        }
      }
    }
    Path file = folder.resolve("in").resolve(name);
    Files.createDirectories(file.getParent());
    ImageIO.write(image, name.endsWith("jpg") ? "jpg" : "png", file.toFile());
  }

  private PrepareSpec spec(Source source) {
    return PrepareSpec.of(source, List.of(folder.resolve("in").toString()), "train");
  }

  @Test
  void gray_images_keep_their_samples_and_take_labels_from_names() throws IOException {
    for (int i = 0; i < 7; i++) {
      image("class-" + i % 3 + "/img_" + i + "_of_" + i % 3 + ".png", 10, 2, 3, 40 * i);
    }
    Files.writeString(folder.resolve("in/README.txt"), "no image");
    Path output = folder.resolve("out");
    spark.prepare(spec(new Images("_of_(\\d+)", "")), output);
    Batch batch = spark.first(output, "train");
    assertEquals(EventSpec.discrete(256, 2, 3, 1).withClasses(3), batch.event());
    assertArrayEquals(new int[] {0, 0, 0, 1, 1, 2, 2}, batch.labels());
    // By name: class-0 has images 0, 3, 6.
    assertArrayEquals(
        new float[] {120, 121, 122, 123, 124, 125}, Arrays.copyOfRange(batch.values(), 6, 12));
  }

  @Test
  void colour_images_are_height_width_channels() throws IOException {
    image("a.png", BufferedImage.TYPE_INT_RGB, 2, 3, 99);
    image("b.png", BufferedImage.TYPE_INT_ARGB, 2, 3, 98);
    image("c.png", BufferedImage.TYPE_BYTE_GRAY, 2, 3, 7);
    Path output = folder.resolve("out");
    spark.prepare(spec(IMAGES), output);
    Batch batch = spark.first(output, "train");
    assertEquals(EventSpec.discrete(256, 2, 3, 3), batch.event());
    assertArrayEquals(
        new float[] {99, 0, 0, 99, 0, 1, 99, 0, 2, 99, 1, 0, 99, 1, 1, 99, 1, 2},
        Arrays.copyOf(batch.values(), 18));
    assertEquals(98, batch.values()[18]);
    assertArrayEquals(new float[] {7, 7, 7, 8, 8, 8}, Arrays.copyOfRange(batch.values(), 36, 42));
  }

  @Test
  void a_gray_image_may_come_first() throws IOException {
    image("a.png", BufferedImage.TYPE_BYTE_GRAY, 2, 3, 7);
    image("b.png", BufferedImage.TYPE_INT_RGB, 2, 3, 99);
    Path output = folder.resolve("out");
    spark.prepare(spec(IMAGES), output);
    Batch batch = spark.first(output, "train");
    assertEquals(EventSpec.discrete(256, 2, 3, 3), batch.event());
    assertArrayEquals(new float[] {7, 7, 7, 8, 8, 8}, Arrays.copyOf(batch.values(), 6));
    assertArrayEquals(new float[] {99, 0, 0, 99, 0, 1}, Arrays.copyOfRange(batch.values(), 18, 24));
  }

  @Test
  void jpeg_is_read_to_within_its_loss() throws IOException {
    image("a.jpg", BufferedImage.TYPE_BYTE_GRAY, 16, 16, 0);
    Path output = folder.resolve("out");
    spark.prepare(spec(IMAGES), output);
    Batch batch = spark.first(output, "train");
    assertEquals(EventSpec.discrete(256, 16, 16, 1), batch.event());
    for (int i = 0; i < 256; i++) {
      assertEquals(i, batch.values()[i], 12);
    }
  }

  @Test
  void labels_that_are_names_are_classes_in_their_order() throws IOException {
    image("1_dog.png", BufferedImage.TYPE_BYTE_GRAY, 2, 3, 0);
    image("2_cat.png", BufferedImage.TYPE_BYTE_GRAY, 2, 3, 0);
    image("3_7.png", BufferedImage.TYPE_BYTE_GRAY, 2, 3, 0);
    Path output = folder.resolve("out");
    Images source = new Images("_(.+)[.]", "");
    spark.prepare(spec(source), output);
    assertArrayEquals(new int[] {2, 1, 0}, spark.first(output, "train").labels());
    assertEquals(
        List.of("7", "cat", "dog"),
        Dataset.open(spark.storage(), output.toString()).manifest().classNames());
    // A later split has fewer of them, and they keep their numbers.
    Path later = folder.resolve("in/1_dog.png");
    spark.prepare(PrepareSpec.of(source, List.of(later.toString()), "valid"), output);
    assertArrayEquals(new int[] {2}, spark.first(output, "valid").labels());
    image("4_bird.png", BufferedImage.TYPE_BYTE_GRAY, 2, 3, 0);
    for (String name : List.of("4_bird.png", "3_7.png")) {
      spark.assertRefused(
          ErrorCode.MISMATCH,
          PrepareSpec.of(source, List.of(folder.resolve("in").resolve(name).toString()), "test"),
          output,
          name.equals("3_7.png") ? "numbers" : "[bird]",
          "[7, cat, dog]");
    }
  }

  @Test
  void labels_may_be_the_names_of_folders() throws IOException {
    image("dog/1.png", BufferedImage.TYPE_BYTE_GRAY, 2, 3, 0);
    image("cat/x/2.png", BufferedImage.TYPE_BYTE_GRAY, 4, 6, 0);
    image("a cat/3.png", BufferedImage.TYPE_BYTE_GRAY, 2, 3, 0);
    Path output = folder.resolve("out");
    spark.prepare(spec(new Images("", "", true, "2x3", "")), output);
    Batch batch = spark.first(output, "train");
    assertEquals(EventSpec.discrete(256, 2, 3, 1).withClasses(3), batch.event());
    assertArrayEquals(new int[] {0, 2, 1}, batch.labels());
    assertEquals(
        List.of("a cat", "dog", "x"),
        Dataset.open(spark.storage(), output.toString()).manifest().classNames());
  }

  @Test
  void include_chooses_by_name() throws IOException {
    image("left.png", BufferedImage.TYPE_BYTE_GRAY, 2, 3, 0);
    image("right.png", BufferedImage.TYPE_BYTE_GRAY, 4, 4, 0);
    Path output = folder.resolve("out");
    spark.prepare(spec(new Images("", "^left")), output);
    assertEquals(1, spark.first(output, "train").size());
  }

  @Test
  void wrong_images_are_named() throws IOException {
    image("a.png", BufferedImage.TYPE_BYTE_GRAY, 4, 6, 0);
    image("b.png", BufferedImage.TYPE_BYTE_GRAY, 4, 5, 0);
    Path output = folder.resolve("out");
    spark.assertRefused(ErrorCode.DATA, spec(IMAGES), output, "b.png is 4×5×1", "a.png", "4×6×1");
    Files.write(
        folder.resolve("in/b.png"),
        Arrays.copyOf(Files.readAllBytes(folder.resolve("in/a.png")), 50));
    spark.assertRefused(
        ErrorCode.DATA, spec(IMAGES), output, "b.png cannot be read as an image", "50 bytes");
    Files.writeString(folder.resolve("in/b.png"), "text");
    spark.assertRefused(ErrorCode.DATA, spec(IMAGES), output, "neither PNG nor JPEG");
    assertTrue(Files.notExists(output));
    spark.assertRefused(
        ErrorCode.DATA, spec(new Images("(\\d)", "")), output, "a.png", "label pattern");
  }

  private void wav(String name, int channels, int bits, int sampleRate, short... samples)
      throws IOException {
    ByteBuffer file = ByteBuffer.allocate(56 + 2 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
    file.put("RIFF".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
        .putInt(file.capacity() - 8);
    file.put("WAVEfmt ".getBytes(java.nio.charset.StandardCharsets.US_ASCII)).putInt(16);
    file.putShort((short) 1).putShort((short) channels).putInt(sampleRate);
    int block = channels * bits / 8;
    file.putInt(block * sampleRate).putShort((short) block).putShort((short) bits);
    // A chunk of odd length, which is padded, stands before the data in many files.
    file.put("LIST".getBytes(java.nio.charset.StandardCharsets.US_ASCII)).putInt(3).putInt(0);
    file.put("data".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
        .putInt(2 * samples.length);
    for (short sample : samples) {
      file.putShort(sample);
    }
    Files.createDirectories(folder.resolve("in"));
    Files.write(folder.resolve("in").resolve(name), Arrays.copyOf(file.array(), file.position()));
  }

  @Test
  void mu_law_codes_follow_the_formula() {
    assertEquals(0, Wav.code(-32768));
    assertEquals(128, Wav.code(0));
    assertEquals(255, Wav.code(32767));
    // s = 1/255: f = ln 2 / ln 256 = 1/8, (1/8 + 1)/2 · 255 + 0.5 = 143.9375.
    assertEquals(143, Wav.code((int) Math.round(32768 / 255.0)));
    for (int sample = -32767; sample < 32768; sample++) {
      assertTrue(Wav.code(sample) >= Wav.code(sample - 1), "codes fall at " + sample);
    }
  }

  @Test
  void sound_becomes_sequences() throws IOException {
    wav("7_x_0.wav", 1, 16, 8000, (short) 0, (short) -32768, (short) 32767);
    wav("2_x_0.wav", 1, 16, 8000, (short) 5);
    Path output = folder.resolve("out");
    spark.prepare(spec(new Wav("^(\\d)_", "")), output);
    Batch batch = spark.first(output, "train");
    assertEquals(
        new EventSpec(List.of(1), new EventSpec.Discrete(256), true, 8, List.of(), 8000),
        batch.event());
    assertArrayEquals(new int[] {2, 7}, batch.labels());
    assertArrayEquals(new int[] {1, 3}, batch.lengths());
    assertArrayEquals(new float[] {128, 0, 0, 128, 0, 255}, batch.values());
  }

  /** A file with a given format and data, whose sizes are as given. */
  private static byte[] sound(int whole, byte[] format, int claimed, short... samples) {
    ByteBuffer file =
        ByteBuffer.allocate(28 + format.length + 2 * samples.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .put("RIFF".getBytes(US_ASCII))
            .putInt(whole)
            .put("WAVEfmt ".getBytes(US_ASCII))
            .putInt(format.length)
            .put(format)
            .put("data".getBytes(US_ASCII))
            .putInt(claimed);
    for (short sample : samples) {
      file.putShort(sample);
    }
    return file.array();
  }

  private static byte[] format(int kind, int length, int subFormat) {
    ByteBuffer format =
        ByteBuffer.allocate(length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putShort((short) kind)
            .putShort((short) 1)
            .putInt(8000)
            .putInt(16000)
            .putShort((short) 2)
            .putShort((short) 16);
    if (length >= 40) {
      format.putShort((short) 22).putShort((short) 16).putInt(4).putShort((short) subFormat);
      format.put(new byte[] {0, 0, 0, 0, 0x10, 0, (byte) 0x80, 0, 0, (byte) 0xAA, 0, 0x38});
      format.put(new byte[] {(byte) 0x9B, 0x71});
    }
    return format.array();
  }

  private byte[] read(byte[] content) throws IOException {
    Path file = Files.write(folder.resolve("a.wav"), content);
    InputFile input = new InputFile(0, file.toUri().toString(), content.length, 0);
    Wav source = new Wav("", "");
    Storage storage = new Storage(new Configuration());
    return source.read(storage, input, source.event(storage, input), "").payload();
  }

  @Test
  void sizes_that_a_pipe_leaves_open_end_with_the_file() throws IOException {
    byte[] codes = {(byte) 128, 0, (byte) 255};
    short[] samples = {0, -32768, 32767};
    for (int[] sizes : new int[][] {{-1, -1}, {0, -1}, {0, 0}, {-1, 0}, {42, 6}, {0, 6}}) {
      byte[] file = sound(sizes[0], format(1, 16, 0), sizes[1], samples);
      assertArrayEquals(codes, read(file), Arrays.toString(sizes));
    }
    assertArrayEquals(codes, read(sound(0x7FFFF024, format(1, 16, 0), 0x7FFFF000, samples)));
  }

  @Test
  void the_extensible_format_is_read_where_its_sub_format_is_known() throws IOException {
    byte[] codes = {(byte) 128, 0};
    short[] samples = {0, -32768};
    assertArrayEquals(codes, read(sound(64, format(0xFFFE, 40, 1), 4, samples)));
    byte[] otherKind = format(0xFFFE, 40, 1);
    otherKind[30] = 7;
    for (byte[] format :
        List.of(
            format(0xFFFE, 40, 0x0101),
            format(0xFFFE, 40, 3),
            format(0xFFFE, 18, 0),
            otherKind,
            format(3, 16, 0),
            format(6, 16, 0))) {
      byte[] file = sound(64, format, 4, samples);
      AncestralException refusal = assertThrows(AncestralException.class, () -> read(file));
      assertEquals(ErrorCode.DATA, refusal.code());
      assertTrue(refusal.getMessage().contains("it must be PCM"), refusal.getMessage());
    }
  }

  @Test
  void wrong_sound_is_named() throws IOException {
    Path output = folder.resolve("out");
    Wav source = new Wav("", "");
    wav("a.wav", 1, 16, 8000, (short) 1, (short) 2);
    byte[] whole = Files.readAllBytes(folder.resolve("in/a.wav"));
    wav("b.wav", 2, 16, 8000, (short) 1, (short) 2);
    spark.assertRefused(ErrorCode.DATA, spec(source), output, "b.wav has", "2 channels");
    wav("b.wav", 1, 12, 8000, (short) 1, (short) 2);
    spark.assertRefused(ErrorCode.DATA, spec(source), output, "b.wav has", "12 bits");
    wav("b.wav", 1, 16, 16000, (short) 1, (short) 2);
    spark.assertRefused(ErrorCode.DATA, spec(source), output, "b.wav has 16000", "8000");
    Files.write(folder.resolve("in/b.wav"), Arrays.copyOf(whole, whole.length - 1));
    spark.assertRefused(
        ErrorCode.DATA, spec(source), output, "b.wav is cut short at byte " + (whole.length - 1));
    Files.write(folder.resolve("in/b.wav"), Arrays.copyOf(whole, 30));
    spark.assertRefused(ErrorCode.DATA, spec(source), output, "b.wav is cut short at byte 30");
    byte[] half = whole.clone();
    ByteBuffer.wrap(half).order(ByteOrder.LITTLE_ENDIAN).putInt(whole.length - 8, 3);
    Files.write(folder.resolve("in/b.wav"), half);
    spark.assertRefused(ErrorCode.DATA, spec(source), output, "within a sample");
    Files.writeString(folder.resolve("in/b.wav"), "OggS and more than twelve bytes");
    spark.assertRefused(ErrorCode.DATA, spec(source), output, "b.wav is no WAV file");
  }
}
