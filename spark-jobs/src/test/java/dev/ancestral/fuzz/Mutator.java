package dev.ancestral.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Files that are almost right: a seed with a few changes of the kinds that parsers stumble over. A
 * function of its random numbers alone, so that a finding can be made again.
 */
final class Mutator {
  private static final int MOST_BYTES = 1 << 16;

  // Values at which lengths, counts and offsets overflow, or turn negative.
  private static final long[] EDGES = {
    0,
    1,
    2,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0x8000,
    0xFFFF,
    0x7FFFFFF0L,
    0x7FFFFFFFL,
    0x80000000L,
    0xFFFFFFFFL,
    1L << 40,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    -1
  };

  // Pieces of the text formats.
  private static final List<String> WORDS =
      List.of(
          "{",
          "}",
          "[",
          "]",
          "\"",
          ":",
          ",",
          "null",
          "true",
          "-1",
          "1e999",
          "0.5",
          "NaN",
          "9223372036854775807",
          "99999999999999999999999",
          "[[[[",
          "\\u0000",
          "\\ud800",
          "&a",
          "*a",
          "!!x",
          "---\n",
          "\n",
          "\t",
          "- ",
          "? ",
          "|",
          "'",
          "#",
          "\u00e9",
          "\ufeff",
          "..",
          "sha256",
          "shape",
          "[]",
          "{}");

  private final SplittableRandom random;
  private final List<byte[]> seeds;

  Mutator(long seed, List<byte[]> seeds) {
    random = new SplittableRandom(seed);
    this.seeds = List.copyOf(seeds);
  }

  /** The next file. */
  byte[] next() {
    byte[] file = seed().clone();
    int changes = 1 + random.nextInt(6);
    for (int i = 0; i < changes && file.length < MOST_BYTES; i++) {
      file = changed(file);
    }
    return file;
  }

  private byte[] seed() {
    return seeds.get(random.nextInt(seeds.size()));
  }

  private byte[] changed(byte[] file) {
    if (file.length == 0) {
      return seed().clone();
    }
    int at = random.nextInt(file.length);
    switch (random.nextInt(10)) {
      case 0 -> file[at] ^= (byte) (1 << random.nextInt(8));
      case 1 -> file[at] = (byte) random.nextInt(256);
      case 2 -> {
        return Arrays.copyOf(file, at);
      }
      case 3 -> number(file, at);
      case 4 -> {
        return spliced(file, at);
      }
      case 5 -> {
        int to = at + random.nextInt(Math.min(32, file.length - at) + 1);
        return joined(Arrays.copyOf(file, at), Arrays.copyOfRange(file, to, file.length));
      }
      case 6 -> {
        int to = at + random.nextInt(Math.min(64, file.length - at) + 1);
        byte[] piece = Arrays.copyOfRange(file, at, to);
        return joined(joined(Arrays.copyOf(file, to), piece), tail(file, to));
      }
      case 7 -> {
        byte[] digits =
            Long.toString(EDGES[random.nextInt(EDGES.length)]).getBytes(StandardCharsets.US_ASCII);
        return digitsReplaced(file, at, digits);
      }
      default -> {
        // Many times the same is how nesting becomes deep and names become long.
        int times = random.nextInt(30) == 0 ? 1500 : 1;
        String words = WORDS.get(random.nextInt(WORDS.size())).repeat(times);
        byte[] word = words.getBytes(StandardCharsets.UTF_8);
        return joined(joined(Arrays.copyOf(file, at), word), tail(file, at));
      }
    }
    return file;
  }

  /** A binary number of 2, 4 or 8 bytes, little- or big-endian, near an edge. */
  private void number(byte[] file, int at) {
    int width = 2 << random.nextInt(3);
    long value = EDGES[random.nextInt(EDGES.length)] + random.nextInt(3) - 1;
    boolean little = random.nextBoolean();
    for (int i = 0; i < width && at + i < file.length; i++) {
      file[at + i] = (byte) (value >>> (8 * (little ? i : width - 1 - i)));
    }
  }

  /** The beginning of this file and the end of another seed. */
  private byte[] spliced(byte[] file, int at) {
    byte[] other = seed();
    return other.length == 0
        ? file
        : joined(Arrays.copyOf(file, at), tail(other, random.nextInt(other.length)));
  }

  /** The next decimal number after a position becomes another. */
  private static byte[] digitsReplaced(byte[] file, int at, byte[] digits) {
    int from = at;
    while (from < file.length && (file[from] < '0' || file[from] > '9')) {
      from++;
    }
    int to = from;
    while (to < file.length && file[to] >= '0' && file[to] <= '9') {
      to++;
    }
    return joined(joined(Arrays.copyOf(file, from), digits), tail(file, to));
  }

  private static byte[] tail(byte[] file, int from) {
    return Arrays.copyOfRange(file, from, file.length);
  }

  private static byte[] joined(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
