package dev.ancestral.fuzz;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.ancestral.data.SealedJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every parser of foreign files under files that are almost right: a fixed number from a fixed seed
 * here, and under the profile {@code long} as many as fit in {@code -Dfuzz.seconds} (60) for each
 * from {@code -Dfuzz.seed} (the time).
 */
class FuzzTest {
  private static final int FILES = 4000;

  @ParameterizedTest
  @EnumSource(FuzzTarget.class)
  @Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void no_file_does_more_than_be_refused(FuzzTarget target) throws IOException {
    Fuzzing fuzzing = new Fuzzing();
    for (byte[] seed : Seeds.of(target)) {
      fuzzing.parse(target, seed);
    }
    fuzzing.run(target, 5, FILES, Long.MAX_VALUE / 2);
    System.out.println(fuzzing.summary(target));
  }

  @Tag("long")
  @ParameterizedTest
  @EnumSource(FuzzTarget.class)
  @Timeout(value = 2, unit = TimeUnit.HOURS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void no_file_in_a_long_time_does_more(FuzzTarget target) throws IOException {
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    Fuzzing fuzzing = new Fuzzing();
    fuzzing.run(
        target, seed, Long.MAX_VALUE, TimeUnit.SECONDS.toNanos(Long.getLong("fuzz.seconds", 60)));
    System.out.println(fuzzing.summary(target) + " (seed " + seed + ")");
  }

  /** What was found once, and mended. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // An example of a gigabyte was allocated before a byte of it was read.
        "IDX | 00000803000000020000800000008000",
        // Not JSON within a text, found out only when the text was read for the message.
        "SEQUENCES | 7b22747261696e223a5b5b5b225c7163225d5d5d7d",
        // Zeros at the beginning: taken for UTF-32, which fails with an exception of its own.
        "MODEL | 7b0000000000007ffe617422203a2031",
        "SEALED_JSON | 7b0000000000007ffe617422203a2031",
        // A key beyond 64 bits.
        "SEQUENCES | 7b22747261696e223a5b5b5b39393939393939393939393939393939393939395d5d5d7d",
      })
  void what_was_found_is_refused(FuzzTarget target, String hex) {
    new Fuzzing().parse(target, HexFormat.of().parseHex(hex.strip()));
  }

  @Test
  void axes_that_overflow_before_a_zero_are_refused() {
    byte[] header =
        "{\"a\":{\"dtype\":\"F64\",\"shape\":[655360,655360,0],\"data_offsets\":[0,0]}}"
            .getBytes(StandardCharsets.UTF_8);
    byte[] file =
        java.nio.ByteBuffer.allocate(8 + header.length)
            .order(java.nio.ByteOrder.LITTLE_ENDIAN)
            .putLong(header.length)
            .put(header)
            .array();
    new Fuzzing().parse(FuzzTarget.SAFETENSORS_ARRAYS, file);
  }

  @Test
  void mutations_are_a_function_of_their_seed() throws IOException {
    List<byte[]> seeds = Seeds.of(FuzzTarget.SPEC);
    Mutator one = new Mutator(3, seeds);
    Mutator same = new Mutator(3, seeds);
    for (int i = 0; i < 50; i++) {
      assertArrayEquals(one.next(), same.next());
    }
  }

  @Test
  void a_forged_seal_is_a_seal() {
    byte[] forged =
        Seeds.sealed("{\"a\": 1, \"sha256\": \"old\"}".getBytes(StandardCharsets.UTF_8));
    assertEquals(1, SealedJson.open(forged, "memory").path("a").asInt());
  }
}
