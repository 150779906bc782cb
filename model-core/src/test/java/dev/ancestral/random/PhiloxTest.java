package dev.ancestral.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

/** The vectors that the authors publish (Random123, kat_vectors, philox4x32 10). */
final class PhiloxTest {

  @Test
  void zeros() {
    assertBlock(0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
  }

  @Test
  void ones() {
    assertBlock(-1, -1, -1, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
  }

  @Test
  void digits_of_pi() {
    assertBlock(
        words(0xa4093822, 0x299f31d0),
        words(0x243f6a88, 0x85a308d3),
        words(0x13198a2e, 0x03707344),
        0xd16cfe09,
        0x94fdcceb,
        0x5001e420,
        0x24126ea1);
  }

  private static void assertBlock(long key, long low, long high, int... expected) {
    int[] block = new int[4];
    Philox.block(key, low, high, block);
    assertArrayEquals(expected, block);
  }

  private static long words(int low, int high) {
    return (low & 0xFFFFFFFFL) | ((long) high << 32);
  }
}
