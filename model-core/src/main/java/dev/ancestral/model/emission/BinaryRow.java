package dev.ancestral.model.emission;

/**
 * Which elements of a row of zeros and ones are one and which are missing: binary data are mostly
 * sparse, so what follows works on lists.
 */
final class BinaryRow {
  private static final int ONE = Float.floatToRawIntBits(1f);

  final int[] ones;
  final int[] missing;
  int oneCount;
  int missingCount;

  BinaryRow(int size) {
    // One more: the scan writes before it knows whether to keep.
    ones = new int[size + 1];
    missing = new int[size];
  }

  /** Reads the row of D elements at {@code offset}. */
  void scan(float[] x, int offset, int size) {
    int n = 0;
    int zeros = 0;
    for (int d = 0; d < size; d++) {
      // Without branches: whether a pixel is on cannot be predicted.
      int bits = Float.floatToRawIntBits(x[offset + d]);
      ones[n] = d;
      n += bits == ONE ? 1 : 0;
      zeros += bits << 1 == 0 ? 1 : 0;
    }
    oneCount = n;
    missingCount = 0;
    if (n + zeros < size) {
      findMissing(x, offset, size);
    }
  }

  private void findMissing(float[] x, int offset, int size) {
    for (int d = 0; d < size; d++) {
      float value = x[offset + d];
      if (Float.isNaN(value)) {
        missing[missingCount++] = d;
      } else if (value != 0 && value != 1) {
        throw new IllegalArgumentException(
            "element " + d + " of a binary row is " + value + "; it must be 0, 1 or NaN (missing)");
      }
    }
  }
}
