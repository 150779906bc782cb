package dev.ancestral.data;

/**
 * How much memory the content of a file may ask for: what any file may, and beyond that in
 * proportion to its bytes. Packed data claim to unpack to any size, in a few bytes.
 */
public final class MemoryBound {
  private static final long ANY_FILE = 64L << 20;

  // Sparse data pack to a hundredth; more is what only constant ones do.
  private static final long OF_A_BYTE = 256;

  private MemoryBound() {}

  /**
   * Bytes of memory.
   *
   * @param bytes of the file, or of the piece of it
   */
  public static long of(long bytes) {
    return ANY_FILE + OF_A_BYTE * Math.min(bytes, Long.MAX_VALUE / OF_A_BYTE - ANY_FILE);
  }

  /**
   * Numbers of one example, which is held several times on its way: as text, as numbers and packed.
   *
   * @param bytes of the file
   */
  public static int elements(long bytes) {
    return (int) Math.min(Integer.MAX_VALUE - 8, of(bytes) / 8);
  }
}
