package dev.ancestral.data.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Example;
import dev.ancestral.data.Storage;
import dev.ancestral.data.transfer.JavaBytes;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The laws of a source, for every format that {@code ServiceLoader} finds. */
class SourceContractTest {
  // Without the defaults, which would travel with every pass.
  private static final Storage STORAGE = new Storage(new Configuration(false));
  private static final long WHOLE = Long.MAX_VALUE;

  @TempDir Path folder;

  /**
   * Inputs of a format.
   *
   * @param options of the format
   * @param sound files that hold examples
   * @param examples how many they hold together
   * @param damaged a file that is refused
   * @param position what the refusal says besides the name of that file
   */
  private record Fixture(
      Map<String, Object> options,
      List<byte[]> sound,
      int examples,
      byte[] damaged,
      String position) {}

  private static Fixture fixture(String format) throws IOException {
    return switch (format) {
      case "idx" ->
          new Fixture(
              Map.of(), List.of(idx(3), idx(2)), 5, Arrays.copyOf(idx(3), 25), "at byte 25");
      case "images" ->
          new Fixture(
              Map.of("labelPattern", "file(\\d)"),
              List.of(png(0), png(100), png(255)),
              3,
              Arrays.copyOf(png(7), 50),
              "(50 bytes)");
      case "wav" ->
          new Fixture(
              Map.of(),
              List.of(wav(4), wav(1), wav(9)),
              3,
              Arrays.copyOf(wav(9), 50),
              "at byte 50");
      case "text" ->
          new Fixture(
              Map.of("length", 3),
              List.of("abcdefgé".getBytes(UTF_8), "zy".getBytes(UTF_8)),
              4,
              new byte[] {'a', 'b', (byte) 0xFF},
              "at byte 2");
      case "matrix" -> {
        byte[] damaged = "1,2\n3,x\n".getBytes(UTF_8);
        List<byte[]> sound = List.of(bytes("0,1\n2,3\n\n4,5\n"), bytes("6,7\n8,9"));
        yield new Fixture(Map.of("levels", 10), sound, 5, damaged, "line 2 column 2");
      }
      case "sequences" ->
          new Fixture(
              Map.of("first", 60, "size", 5),
              List.of(
                  bytes("{\"test\": [[[60]]], \"train\": [[[60, 64], [62]], [[61], [], [63]]]}"),
                  bytes("{\"train\": [[[64]]]}")),
              3,
              bytes("{\"train\": [[[64]], [[65]]]}"),
              "line 1 column 24");
      case "table" -> {
        byte[] damaged = bytes("y,x,c\n1,2.5,0\n1,?,0\n");
        List<byte[]> sound =
            List.of(bytes("x,y,c\n1,2,0\n3,\"4\",1\n5,-6.5,0\n"), bytes("c,y,x\n1,8,7\n"));
        yield new Fixture(Map.of("label", "c"), sound, 4, damaged, "row 2");
      }
      case "synthetic" ->
          new Fixture(Map.of("kind", "parity", "count", 23), List.of(), 23, null, null);
      case "events" ->
          new Fixture(
              Map.of("input", List.of("x.csv"), "groupBy", List.of("a"), "orderBy", List.of("b")),
              List.of(),
              0,
              null,
              null);
      default ->
          throw new AssertionError("no inputs of the format '" + format + "': add them here");
    };
  }

  private static byte[] bytes(String text) {
    return text.getBytes(UTF_8);
  }

  /** Images of 2 × 3 bytes. */
  private static byte[] idx(int examples) {
    byte[] file = new byte[16 + 6 * examples];
    ByteBuffer.wrap(file).putInt(0x0803).putInt(examples).putInt(2).putInt(3);
    for (int i = 16; i < file.length; i++) {
      file[i] = (byte) (i * 7);
    }
    return file;
  }

  private static byte[] png(int shade) throws IOException {
    BufferedImage image = new BufferedImage(3, 2, BufferedImage.TYPE_BYTE_GRAY);
    image.getRaster().setSample(1, 1, 0, shade);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ImageIO.write(image, "png", out);
    return out.toByteArray();
  }

  private static byte[] wav(int samples) {
    ByteBuffer out = ByteBuffer.allocate(44 + 2 * samples).order(ByteOrder.LITTLE_ENDIAN);
    out.put(bytes("RIFF")).putInt(36 + 2 * samples).put(bytes("WAVEfmt ")).putInt(16);
    out.putShort((short) 1).putShort((short) 1).putInt(8000).putInt(16000);
    out.putShort((short) 2).putShort((short) 16).put(bytes("data")).putInt(2 * samples);
    for (int s = 0; s < samples; s++) {
      out.putShort((short) (1000 * s));
    }
    return out.array();
  }

  // Spark itself reads them: RowTableTest holds the same laws on a session.
  private static final Set<String> THROUGH_SPARK = Set.of("events");

  static List<String> formats() {
    return Sources.names();
  }

  static List<String> formatsWithoutSpark() {
    return formats().stream().filter(format -> !THROUGH_SPARK.contains(format)).toList();
  }

  static Stream<String> formatsOfFiles() throws IOException {
    List<String> reading = new ArrayList<>();
    for (String format : formatsWithoutSpark()) {
      if (source(format).readsFiles()) {
        reading.add(format);
      }
    }
    return reading.stream();
  }

  private static Settings settings(String format) throws IOException {
    Map<String, Object> values = new HashMap<>(fixture(format).options());
    values.put("format", format);
    return Settings.of(values);
  }

  private static Source source(String format) throws IOException {
    return Sources.read(settings(format));
  }

  private InputFile file(int argument, byte[] content) throws IOException {
    Path path = Files.write(folder.resolve("file" + argument), content);
    return new InputFile(argument, path.toUri().toString(), content.length, 0);
  }

  private List<InputFile> sound(String format) throws IOException {
    List<InputFile> files = new ArrayList<>();
    for (byte[] content : fixture(format).sound()) {
      files.add(file(files.size(), content));
    }
    return files;
  }

  private static List<String> examples(Source source, SourceContext context) {
    Source.Survey survey = source.survey(context);
    Source.Extraction extraction = survey.extract(survey.event());
    Source.Decoder decoder =
        JavaBytes.value(JavaBytes.of(extraction.decoder()), Source.Decoder.class);
    List<String> examples = new ArrayList<>();
    for (Iterator<Source.RawExample> all = extraction.examples().iterator(); all.hasNext(); ) {
      Source.RawExample raw = all.next();
      assertEquals(examples.size(), raw.position());
      Example example = decoder.decode(raw.position(), raw);
      examples.add(
          Arrays.toString(example.payload()) + " " + example.label() + " " + example.length());
    }
    assertEquals(survey.examples(), examples.size());
    return examples;
  }

  @ParameterizedTest
  @MethodSource("formatsWithoutSpark")
  void every_example_comes_once_and_in_order_whatever_the_parts(String format) throws IOException {
    List<InputFile> files = sound(format);
    List<String> expected =
        examples(source(format), new LocalContext(STORAGE, files, "train", 1, WHOLE));
    assertEquals(fixture(format).examples(), expected.size());
    assertTrue(expected.stream().distinct().count() > 1, expected.toString());
    for (int partitions : new int[] {1, 2, 7}) {
      for (long partBytes : new long[] {1, 8, WHOLE}) {
        assertEquals(
            expected,
            examples(
                source(format), new LocalContext(STORAGE, files, "train", partitions, partBytes)),
            partitions + " partitions, parts of " + partBytes + " bytes");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("formatsOfFiles")
  void damage_is_refused_with_file_and_position(String format) throws IOException {
    for (int partitions : new int[] {1, 3}) {
      List<InputFile> files = sound(format);
      InputFile damaged = file(files.size(), fixture(format).damaged());
      files.add(damaged);
      Source source = source(format);
      SourceContext context = new LocalContext(STORAGE, files, "train", partitions, WHOLE);
      AncestralException refusal =
          assertThrows(AncestralException.class, () -> examples(source, context));
      assertEquals(ErrorCode.DATA, refusal.code(), refusal.getMessage());
      for (String part : List.of("/" + damaged.name(), fixture(format).position())) {
        assertTrue(refusal.getMessage().contains(part), part + " not in " + refusal.getMessage());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void options_are_read_by_name_and_told_in_the_fingerprint(String format) throws IOException {
    Settings settings = settings(format);
    Source source = Sources.read(settings);
    assertEquals(List.of(), settings.problems());
    assertEquals(source.toString(), source(format).toString());
    assertEquals(source.toString(), JavaBytes.value(JavaBytes.of(source), Source.class).toString());
    assertFalse(source.toString().contains(source.getClass().getSimpleName() + "@"));
    assertNotNull(source.extraInputs(STORAGE));
    Settings others = Settings.of(Map.of("format", format, "noSuchOption", 1, "count", 1));
    Sources.read(others);
    assertTrue(String.join("\n", others.problems()).contains("noSuchOption is not a known key"));
  }
}
