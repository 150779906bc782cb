package dev.ancestral.data.source.array;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.ancestral.ErrorCode;
import dev.ancestral.data.prepare.LocalSpark;
import dev.ancestral.data.prepare.PrepareSpec;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxTest {
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

  /** Element i of the file is i · step modulo 256, or modulo levels. */
  private static byte[] idx(int levels, int... sizes) {
    int count = Arrays.stream(sizes).reduce(1, (a, b) -> a * b);
    ByteBuffer file = ByteBuffer.allocate(4 + 4 * sizes.length + count);
    file.put(new byte[] {0, 0, 8, (byte) sizes.length});
    Arrays.stream(sizes).forEach(file::putInt);
    for (int i = 0; i < count; i++) {
      file.put((byte) (i * 7 % levels));
    }
    return file.array();
  }

  private Path write(String name, byte[] content) throws IOException {
    return Files.write(folder.resolve(name), content);
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(content);
    }
    return bytes.toByteArray();
  }

  private void assertRefused(byte[] content, String... parts) throws IOException {
    Path output = folder.resolve("out");
    PrepareSpec spec =
        PrepareSpec.of(new Idx(List.of()), List.of(write("images", content).toString()), "train");
    spark.assertRefused(ErrorCode.DATA, spec, output, parts);
    spark.assertRefused(ErrorCode.DATA, spec, output, "images");
    assertFalse(Files.exists(output));
  }

  @Test
  void images_with_labels_plain_or_gzip() throws IOException {
    byte[] images = idx(256, 30, 4, 5);
    byte[] labels = idx(10, 30);
    for (boolean packed : new boolean[] {false, true}) {
      Path output = folder.resolve("out-" + packed);
      Path imageFile = write("images-" + packed, packed ? gzip(images) : images);
      Path labelFile = write("labels-" + packed, packed ? gzip(labels) : labels);
      spark.prepare(new Idx(List.of(labelFile.toString())), imageFile, "train", output);
      Batch batch = spark.first(output, "train");
      assertEquals(EventSpec.discrete(256, 4, 5, 1).withClasses(10), batch.event());
      assertEquals(30, batch.size());
      for (int i = 0; i < batch.values().length; i++) {
        assertEquals(i * 7 % 256, batch.values()[i]);
      }
      for (int i = 0; i < 30; i++) {
        assertEquals(i * 7 % 10, batch.labels()[i]);
      }
    }
  }

  @Test
  void binary_images_have_two_levels() throws IOException {
    Path output = folder.resolve("out");
    spark.prepare(new Idx(List.of()), write("images", idx(2, 9, 3, 3)), "train", output);
    assertEquals(EventSpec.discrete(2, 3, 3, 1), spark.first(output, "train").event());
  }

  @Test
  void several_files_pair_with_their_labels() throws IOException {
    Path output = folder.resolve("out");
    List<String> images =
        List.of(write("b", idx(256, 3, 2, 2)).toString(), write("a", idx(256, 2, 2, 2)).toString());
    List<String> labels =
        List.of(write("lb", idx(10, 3)).toString(), write("la", idx(2, 2)).toString());
    spark.prepare(PrepareSpec.of(new Idx(labels), images, "test"), output);
    Batch batch = spark.first(output, "test");
    assertArrayEquals(new int[] {0, 7, 4, 0, 1}, batch.labels());
    assertEquals(0, batch.values()[12]);
  }

  @Test
  void vectors_and_colour_images() throws IOException {
    Path vectors = folder.resolve("vectors");
    spark.prepare(new Idx(List.of()), write("v", idx(256, 6, 7)), "train", vectors);
    assertEquals(EventSpec.discrete(256, 7), spark.first(vectors, "train").event());
    Path colour = folder.resolve("colour");
    spark.prepare(new Idx(List.of()), write("c", idx(256, 5, 4, 4, 3)), "train", colour);
    assertEquals(EventSpec.discrete(256, 4, 4, 3), spark.first(colour, "train").event());
  }

  /** A file whose numbers are given. */
  private static byte[] typed(int type, int[] sizes, double... values) {
    ByteBuffer file = ByteBuffer.allocate(4 + 4 * sizes.length + 8 * values.length);
    file.put(new byte[] {0, 0, (byte) type, (byte) sizes.length});
    Arrays.stream(sizes).forEach(file::putInt);
    for (double value : values) {
      switch (type) {
        case 0x09 -> file.put((byte) value);
        case 0x0B -> file.putShort((short) value);
        case 0x0C -> file.putInt((int) value);
        case 0x0D -> file.putFloat((float) value);
        default -> file.putDouble(value);
      }
    }
    return Arrays.copyOf(file.array(), file.position());
  }

  @Test
  void whole_numbers_are_levels_and_floats_are_real_numbers() throws IOException {
    for (int type : new int[] {0x09, 0x0B, 0x0C, 0x0D, 0x0E}) {
      boolean real = type >= 0x0D;
      Path output = folder.resolve("out" + type);
      byte[] content = typed(type, new int[] {2, 3}, 0, 1, 100, 3, 4, 5);
      spark.prepare(new Idx(List.of()), write("in" + type, content), "train", output);
      Batch batch = spark.first(output, "train");
      EventSpec event =
          real
              ? new EventSpec(List.of(3), new EventSpec.Continuous(), false, 0, List.of(), 0)
              : EventSpec.discrete(256, 3);
      assertEquals(event, batch.event());
      assertArrayEquals(new float[] {0, 1, 100, 3, 4, 5}, batch.values());
    }
    Path output = folder.resolve("large");
    byte[] large = typed(0x0C, new int[] {1, 2}, 70000, 1);
    spark.prepare(new Idx(List.of()), write("large-in", large), "train", output);
    assertEquals(EventSpec.discrete(70001, 2), spark.first(output, "train").event());
    Path negative = folder.resolve("negative");
    byte[] signed = typed(0x0B, new int[] {1, 2}, -5, 1);
    spark.prepare(new Idx(List.of(), 0, true), write("signed", signed), "train", negative);
    assertArrayEquals(new float[] {-5, 1}, spark.first(negative, "train").values());
  }

  @Test
  void numbers_that_do_not_fit_are_named_with_their_byte() throws IOException {
    assertRefused(typed(0x0B, new int[] {1, 2}, 1, -5), "byte 14 has the value -5", "continuous");
    assertRefused(typed(0x0C, new int[] {1, 2}, 1, 1 << 24), "byte 16 has the value 16777216");
    assertRefused(typed(0x0D, new int[] {1, 2}, 1, Double.NaN), "byte 16 has the value NaN");
    assertRefused(typed(0x0E, new int[] {1, 2}, 1, 1e39), "byte 20 has the value 1.0E39");
    // Its spread is too small for float32.
    assertRefused(typed(0x0E, new int[] {3, 1}, 1e9 + 1, 1e9 + 2, 1e9 + 3), "byte", "float32");
    byte[] cut = typed(0x0E, new int[] {2, 2}, 1, 2, 3, 4);
    assertRefused(
        Arrays.copyOf(cut, 40), "cut short at byte 40, in example 1", "2 examples of 16 bytes");
    List<String> both =
        List.of(
            write("whole", typed(0x0C, new int[] {1, 2}, 1, 2)).toString(),
            write("real", typed(0x0D, new int[] {1, 2}, 1, 2)).toString());
    spark.assertRefused(
        ErrorCode.DATA,
        PrepareSpec.of(new Idx(List.of()), both, "train"),
        folder.resolve("out"),
        "real holds FLOAT32",
        "continuous");
  }

  @Test
  void labels_are_whole_numbers_or_the_first_column_of_qmnist() throws IOException {
    String images = write("images", idx(256, 3, 2, 2)).toString();
    double[] rows = new double[24];
    Arrays.setAll(rows, i -> i % 8 == 0 ? 7 - i / 8 : 1000 + i);
    for (byte[] labels :
        List.of(typed(0x0C, new int[] {3}, 7, 6, 5), typed(0x0C, new int[] {3, 8}, rows))) {
      Path output = folder.resolve("out" + labels.length);
      String file = write("labels", labels).toString();
      spark.prepare(PrepareSpec.of(new Idx(List.of(file)), List.of(images), "train"), output);
      assertArrayEquals(new int[] {7, 6, 5}, spark.first(output, "train").labels());
    }
    for (byte[] labels :
        List.of(
            typed(0x0D, new int[] {3}, 7, 6, 5),
            typed(0x0C, new int[] {3, 2}, 7, 6, 5, 4, 3, 2),
            typed(0x0C, new int[] {3}, 7, -1, 5))) {
      String file = write("wrong-labels", labels).toString();
      spark.assertRefused(
          ErrorCode.DATA,
          PrepareSpec.of(new Idx(List.of(file)), List.of(images), "train"),
          folder.resolve("out"),
          "wrong-labels",
          labels[3] == 1 && labels[2] == 0x0C ? "the label -1 at byte 12" : "[3, 8] of int32");
    }
  }

  @Test
  void wrong_magic_shows_what_is_there() throws IOException {
    byte[] floats = idx(256, 3, 2, 2);
    floats[2] = 0x0f;
    assertRefused(floats, "begins with 00 00 0f 03");
    assertRefused(new byte[] {'P', 'K'}, "begins with 50 4b");
    assertRefused(Arrays.copyOf(idx(256, 3, 2, 2), 10), "cut short at byte 10, in its header");
  }

  @Test
  void truncated_file_is_named_with_its_last_byte() throws IOException {
    byte[] whole = idx(256, 30, 4, 5);
    assertRefused(
        Arrays.copyOf(whole, whole.length - 25), "cut short at byte 591, in example 28", "30");
    byte[] packed = gzip(whole);
    assertRefused(Arrays.copyOf(packed, packed.length - 20), "cut short", "(unpacked)");
    packed[packed.length - 5] ^= 1;
    assertRefused(packed, "damaged");
  }

  @Test
  void trailing_bytes_are_refused() throws IOException {
    byte[] whole = idx(256, 3, 2, 2);
    assertRefused(Arrays.copyOf(whole, whole.length + 1), "goes on after byte 28");
  }

  @Test
  void impossible_sizes_are_refused() throws IOException {
    assertRefused(
        ByteBuffer.allocate(16).putInt(0x803).putInt(3).putInt(1 << 20).putInt(1 << 20).array(),
        "impossible sizes");
    assertRefused(ByteBuffer.allocate(8).putInt(0x801).putInt(-3).array(), "-3 examples");
  }

  @Test
  void labels_must_be_as_many_as_images() throws IOException {
    String images = write("images", idx(256, 30, 4, 5)).toString();
    for (byte[] labels : List.of(idx(10, 29), idx(10, 31), idx(10, 30, 1))) {
      spark.assertRefused(
          ErrorCode.DATA,
          PrepareSpec.of(
              new Idx(List.of(write("labels", labels).toString())), List.of(images), "train"),
          folder.resolve("out"),
          "30 examples",
          "labels");
    }
    spark.assertRefused(
        ErrorCode.SPEC,
        PrepareSpec.of(
            new Idx(List.of(write("labels", idx(10, 30)).toString())),
            List.of(images, images),
            "train"),
        folder.resolve("out"),
        "is input number 2");
  }

  @Test
  void files_that_differ_in_shape_are_both_named() throws IOException {
    spark.assertRefused(
        ErrorCode.DATA,
        PrepareSpec.of(
            new Idx(List.of()),
            List.of(
                write("small", idx(256, 3, 2, 2)).toString(),
                write("large", idx(256, 3, 2, 4)).toString()),
            "train"),
        folder.resolve("out"),
        "[2, 2, 1]",
        "small",
        "[2, 4, 1]",
        "large");
  }
}
