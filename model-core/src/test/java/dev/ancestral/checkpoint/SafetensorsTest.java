package dev.ancestral.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.random.RandomKey;
import dev.ancestral.tensor.NamedArrays;
import dev.ancestral.tensor.ParameterLayout;
import dev.ancestral.tensor.ParameterLayout.Initializer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SafetensorsTest {
  private static final ParameterLayout LAYOUT =
      ParameterLayout.builder()
          .add("decoder.weight", Initializer.zeros(), 300, 401)
          .add("a.bias", Initializer.zeros(), 3)
          .build();

  @Test
  void float32_round_trip_is_bit_equal() throws IOException {
    float[] values = new float[(int) LAYOUT.size()];
    RandomKey.of(1).fillNormal(0, values, 0, values.length);
    values[0] = -0.0f;
    values[1] = Float.MIN_VALUE;
    values[2] = Float.NaN;
    byte[] file = written(values);
    assertArrayEquals(bits(values), bits(read(file)));
    assertEquals(0, ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8);
  }

  @Test
  void tensors_may_lie_in_any_order_in_the_file() throws IOException {
    ParameterLayout reversed =
        ParameterLayout.builder()
            .add("a.bias", Initializer.zeros(), 3)
            .add("decoder.weight", Initializer.zeros(), 300, 401)
            .build();
    float[] values = new float[(int) reversed.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Safetensors.write(
        out, reversed, (at, into) -> into.put(values, (int) at, into.remaining()), Map.of());
    float[] read = read(out.toByteArray());
    assertEquals(3, read[0]);
    assertEquals(values.length - 1, read[300 * 401 - 1]);
    assertArrayEquals(new float[] {0, 1, 2}, Arrays.copyOfRange(read, 300 * 401, read.length));
  }

  @Test
  void float64_round_trip_is_bit_equal_and_keeps_order() throws IOException {
    double[] many = new double[200_001];
    for (int i = 0; i < many.length; i++) {
      many[i] = RandomKey.of(2).uniform(i);
    }
    NamedArrays arrays =
        NamedArrays.empty()
            .with("prior", new double[] {0.1, 0.9}, 2)
            .with("probability", many, 66667, 3)
            .with("scale", new double[] {Math.PI});
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Safetensors.write(out, arrays, Map.of("family", "naive-bayes"));
    NamedArrays read =
        Safetensors.readArrays(new ByteArrayInputStream(out.toByteArray()), "p.safetensors");
    assertEquals(List.of("prior", "probability", "scale"), List.copyOf(read.byName().keySet()));
    assertArrayEquals(many, read.array("probability", 66667, 3), 0);
    assertArrayEquals(new double[] {Math.PI}, read.array("scale"), 0);
  }

  @Test
  void float32_arrays_are_widened() throws IOException {
    byte[] file =
        file(
            "{\"p\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
            ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putFloat(0.5f).putFloat(-3f));
    NamedArrays read = Safetensors.readArrays(new ByteArrayInputStream(file), "p.safetensors");
    assertArrayEquals(new double[] {0.5, -3}, read.array("p", 2), 0);
  }

  @Test
  void what_python_wrote_is_read() throws IOException {
    // save_file({"prior": ..., "probability": arange(6).reshape(2, 3) / 7, "bias": float32 ...})
    try (InputStream in = SafetensorsTest.class.getResourceAsStream("python.safetensors")) {
      NamedArrays read = Safetensors.readArrays(in, "python.safetensors");
      assertArrayEquals(new double[] {0.25, 0.75}, read.array("prior", 2), 0);
      assertArrayEquals(
          new double[] {0, 1.0 / 7, 2.0 / 7, 3.0 / 7, 4.0 / 7, 5.0 / 7},
          read.array("probability", 2, 3),
          0);
      assertArrayEquals(new double[] {1.5, -2}, read.array("bias", 2), 0);
    }
  }

  @Test
  void vectors_beyond_one_array_stream_through() throws IOException {
    // 600 million elements: more bytes than a Java array or this test's heap could hold.
    ParameterLayout large =
        ParameterLayout.builder().add("w", Initializer.zeros(), 600_000_000L).build();
    long[] bytes = new long[1];
    OutputStream counting =
        new OutputStream() {
          @Override
          public void write(int b) {
            bytes[0]++;
          }

          @Override
          public void write(byte[] b, int offset, int length) {
            bytes[0] += length;
          }
        };
    Safetensors.write(counting, large, (at, into) -> into.position(into.limit()), Map.of());
    assertTrue(bytes[0] > 2_400_000_000L && bytes[0] < 2_400_000_200L, "wrote " + bytes[0]);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"p\":{\"dtype\":\"F64\",\"shape\":[2],\"data_offsets\":[0,8]}}",
        "{\"p\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[8,16]}}",
        "{\"p\":{\"dtype\":\"F64\",\"shape\":[-1],\"data_offsets\":[0,8]}}",
        "{\"p\":{\"dtype\":\"F64\",\"shape\":[1.5],\"data_offsets\":[0,8]}}",
        "{\"p\":{\"dtype\":\"F64\",\"shape\":1,\"data_offsets\":[0,8]}}",
        "{\"p\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0]}}",
        "{\"p\":{\"dtype\":\"F64\",\"shape\":[4611686018427387904,8],\"data_offsets\":[0,8]}}",
        "{\"p\":{\"dtype\":\"F64\",\"shape\":[99999999999999999999],\"data_offsets\":[0,8]}}",
        "{\"p\":{\"shape\":[1],\"data_offsets\":[0,8]}}",
        "{\"p\":7}",
      })
  void a_damaged_tensor_is_named(String header) throws IOException {
    AncestralException refusal = refused(file(header, ByteBuffer.allocate(8)));
    assertEquals(ErrorCode.DATA, refusal.code());
    assertTrue(refusal.getMessage().startsWith("p.safetensors: tensor 'p' "), refusal.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // overlapping
        "{\"p\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]},"
            + "\"q\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}"
            + "| tensor 'q' begins at byte 4 of the data but the one before ends at 8",
        // a duplicate name
        "{\"p\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]},\"p\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}|"
            + " Duplicate field 'p'",
        "[]| no JSON object",
        "{\"p\"| no JSON at line 1",
        "{\"__metadata__\":{\"a\":1}}| metadata 'a' is no text",
        "{}| goes on after its last tensor",
      })
  void a_damaged_header_is_refused(String header, String message) throws IOException {
    AncestralException refusal = refused(file(header, ByteBuffer.allocate(8)));
    assertEquals(ErrorCode.DATA, refusal.code());
    assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 1, 1L << 30, Long.MAX_VALUE, Long.MIN_VALUE})
  void a_damaged_length_is_not_allocated(long length) throws IOException {
    byte[] file = file("{}", ByteBuffer.allocate(0));
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length);
    assertTrue(refused(file).getMessage().contains("header claims " + length + " bytes"));
  }

  @Test
  void a_shape_without_its_data_is_not_allocated() throws IOException {
    // 16 GB of claimed data, of which 8 bytes are there.
    AncestralException refusal =
        refused(
            file(
                "{\"p\":{\"dtype\":\"F64\",\"shape\":[2000000000],"
                    + "\"data_offsets\":[0,16000000000]}}",
                ByteBuffer.allocate(8)));
    assertTrue(refusal.getMessage().contains("after 8 of 16000000000 bytes"), refusal.getMessage());
  }

  @Test
  void any_truncation_is_refused() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Safetensors.write(
        out, NamedArrays.empty().with("p", new double[] {1, 2, 3}, 3), Map.of("k", "v"));
    byte[] whole = out.toByteArray();
    for (int n = 0; n < whole.length; n++) {
      assertEquals(ErrorCode.DATA, refused(Arrays.copyOf(whole, n)).code());
    }
  }

  @Test
  void another_models_tensors_are_named() throws IOException {
    byte[] file = written(new float[(int) LAYOUT.size()]);
    AncestralException names =
        refused(
            file,
            ParameterLayout.builder()
                .add("decoder.weight", Initializer.zeros(), 300, 401)
                .add("b.bias", Initializer.zeros(), 3)
                .build());
    assertEquals(ErrorCode.MISMATCH, names.code());
    assertTrue(names.getMessage().contains("lacks [b.bias] and has besides [a.bias]"));
    AncestralException shape =
        refused(
            file,
            ParameterLayout.builder()
                .add("decoder.weight", Initializer.zeros(), 401, 300)
                .add("a.bias", Initializer.zeros(), 3)
                .build());
    assertEquals(ErrorCode.MISMATCH, shape.code());
    assertEquals(
        "p.safetensors: tensor 'decoder.weight' is F32 of shape [300, 401]; this model needs F32,"
            + " BF16 or F16 of shape [401, 300]",
        shape.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"F8_E4M3", "I64", "BOOL", "bf16"})
  void a_foreign_element_type_is_named(String dtype) throws IOException {
    AncestralException refusal =
        refused(
            file(
                "{\"p\":{\"dtype\":\"" + dtype + "\",\"shape\":[4],\"data_offsets\":[0,8]}}",
                ByteBuffer.allocate(8)));
    assertEquals(ErrorCode.MISMATCH, refusal.code());
    assertEquals(
        "p.safetensors: tensor 'p' has dtype \"" + dtype + "\"; it must be F32, F64, BF16 or F16",
        refusal.getMessage());
  }

  @Test
  void float64_does_not_become_float32_parameters() throws IOException {
    ParameterLayout one = ParameterLayout.builder().add("p", Initializer.zeros(), 1).build();
    AncestralException refusal =
        refused(
            file(
                "{\"p\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]}}",
                ByteBuffer.allocate(8)),
            one);
    assertEquals(ErrorCode.MISMATCH, refusal.code());
    assertEquals(
        "p.safetensors: tensor 'p' is F64 of shape [1]; this model needs F32, BF16 or F16 of shape"
            + " [1]",
        refusal.getMessage());
  }

  /** Against sign · 2^(e - bias) · (1 + fraction), and sign · 2^(1 - bias) · fraction for e = 0. */
  @ParameterizedTest
  @CsvSource({"F16,5,10", "BF16,8,7"})
  void every_number_of_16_bits_is_read_exactly(String dtype, int exponentBits, int fractionBits)
      throws IOException {
    int count = 1 << 16;
    ByteBuffer data = ByteBuffer.allocate(2 * count).order(ByteOrder.LITTLE_ENDIAN);
    for (int bits = 0; bits < count; bits++) {
      data.putShort((short) bits);
    }
    byte[] file =
        file(
            "{\"p\":{\"dtype\":\"" + dtype + "\",\"shape\":[256,256],\"data_offsets\":[0,131072]}}",
            data);
    float[] floats = new float[count];
    Safetensors.read(
        new ByteArrayInputStream(file),
        ParameterLayout.builder().add("p", Initializer.zeros(), 256, 256).build(),
        (at, from) -> from.get(floats, (int) at, from.remaining()),
        "p.safetensors");
    double[] doubles =
        Safetensors.readArrays(new ByteArrayInputStream(file), "p.safetensors")
            .byName()
            .get("p")
            .values();
    int bias = (1 << (exponentBits - 1)) - 1;
    for (int bits = 0; bits < count; bits++) {
      int exponent = bits >> fractionBits & ((1 << exponentBits) - 1);
      double fraction = (bits & ((1 << fractionBits) - 1)) / (double) (1 << fractionBits);
      double size =
          exponent == 0
              ? fraction * Math.pow(2, 1 - bias)
              : exponent == 2 * bias + 1
                  ? (fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN)
                  : (1 + fraction) * Math.pow(2, exponent - bias);
      double expected = bits >= 1 << 15 ? -size : size;
      assertEquals(expected, floats[bits], dtype + " of bits " + Integer.toHexString(bits));
      assertEquals(expected, doubles[bits], dtype + " of bits " + Integer.toHexString(bits));
    }
  }

  private static byte[] written(float[] values) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Safetensors.write(
        out, LAYOUT, (at, into) -> into.put(values, (int) at, into.remaining()), Map.of("k", "v"));
    return out.toByteArray();
  }

  private static float[] read(byte[] file) throws IOException {
    float[] values = new float[(int) LAYOUT.size()];
    Safetensors.read(
        new ByteArrayInputStream(file),
        LAYOUT,
        (at, from) -> from.get(values, (int) at, from.remaining()),
        "p.safetensors");
    return values;
  }

  private static AncestralException refused(byte[] file) {
    InputStream in = new ByteArrayInputStream(file);
    return assertThrows(
        AncestralException.class, () -> Safetensors.readArrays(in, "p.safetensors"));
  }

  private static AncestralException refused(byte[] file, ParameterLayout layout) {
    InputStream in = new ByteArrayInputStream(file);
    return assertThrows(
        AncestralException.class,
        () -> Safetensors.read(in, layout, (at, from) -> from.position(0), "p.safetensors"));
  }

  private static byte[] file(String header, ByteBuffer data) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(8 + json.length + data.capacity())
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(json.length)
        .put(json)
        .put(data.rewind())
        .array();
  }

  private static int[] bits(float[] values) {
    int[] bits = new int[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToRawIntBits(values[i]);
    }
    return bits;
  }
}
