package dev.ancestral.train.collective;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Compression of updates to signs above a threshold, for use with error feedback (Strom: Scalable
 * distributed DNN training using commodity GPU cloud computing, 2015; Seide et al.: 1-bit
 * stochastic gradient descent, 2014).
 *
 * <p>Each replica keeps a residual r of what it has not sent. Where |r_i| ≥ τ a message says
 * sgn(r_i) and the residual loses sgn(r_i)·v; the rest stays for later steps, so nothing is lost,
 * only delayed. Per group of elements (a parameter tensor), τ is a multiple of the mean |r| and v
 * the mean |r_i| of those above it, which keeps the step unbiased in size without tuning.
 *
 * <p>Differs from the paper: the threshold adapts to each tensor instead of being one constant, and
 * a message carries the sizes v of its sender.
 *
 * <p>A message holds for each group the float v, the number of elements above τ, and these in the
 * shorter of two forms: the gaps between them as variable-length integers whose lowest bit is the
 * sign, or five elements a byte as digits to base 3 (1.6 bits an element, a twentieth of a
 * float32).
 */
public final class TernaryCode {
  /**
   * Multiple of the mean magnitude above which a residual is sent: the one that loses least where
   * magnitudes are spread evenly or normally (Li, Zhang, Liu: Ternary weight networks, 2016).
   */
  public static final double THRESHOLD_FACTOR = 0.7;

  private static final int DIGITS_A_BYTE = 5;

  /** The five signs that each byte stands for. */
  private static final float[] DIGITS = digits();

  private final long[] groupEnds;
  private final double thresholdFactor;

  /**
   * A code for vectors cut into groups.
   *
   * @param groupEnds exclusive ends of the groups, ascending; the last is the size of the vector
   * @param thresholdFactor multiple of the mean magnitude above which an element is sent
   */
  public TernaryCode(long[] groupEnds, double thresholdFactor) {
    this.groupEnds = groupEnds.clone();
    this.thresholdFactor = thresholdFactor;
  }

  /**
   * Makes a message and takes what it says out of the residual.
   *
   * @param residual what has not been sent; longer than the vector where it is a shared buffer
   */
  public byte[] encode(float[] residual) {
    int size = (int) groupEnds[groupEnds.length - 1];
    // A digit is a fifth of a byte. Gaps are used where they are fewer than that, a byte each, and
    // at most one in 64 is so long that it takes more, five at the most.
    ByteBuffer message =
        ByteBuffer.allocate(size / DIGITS_A_BYTE + size / 16 + 16 * groupEnds.length)
            .order(ByteOrder.LITTLE_ENDIAN);
    int from = 0;
    for (long end : groupEnds) {
      encodeGroup(residual, from, (int) end, message);
      from = (int) end;
    }
    return Arrays.copyOf(message.array(), message.position());
  }

  // Half of all elements are above the threshold, at random: the loops over them do not branch.
  private void encodeGroup(float[] residual, int from, int to, ByteBuffer message) {
    double sum = sumOfMagnitudes(residual, from, to);
    // Zeros are never above it, so that a group of zeros says nothing.
    float threshold =
        Math.max(Float.MIN_VALUE, (float) (thresholdFactor * sum / Math.max(1, to - from)));
    byte[] signs = new byte[to - from];
    double above = 0;
    int count = 0;
    for (int i = 0; i < signs.length; i++) {
      float value = residual[from + i];
      int sign = sign(value, threshold);
      signs[i] = (byte) sign;
      above += sign * value;
      count += sign & 1;
    }
    // A residual that is not finite gives a size that is not, so every replica sees it.
    float size = Double.isFinite(sum) ? (float) (above / Math.max(1, count)) : Float.NaN;
    message.putFloat(size);
    writeNumber(message, count);
    for (int i = 0; i < signs.length; i++) {
      residual[from + i] -= signs[i] * size;
    }
    if (isDense(count, signs.length)) {
      writeDigits(signs, message);
    } else {
      writeGaps(signs, message);
    }
  }

  /** −1, 0 or 1: whether a value is at or beyond ± a threshold; without a branch. */
  public static int sign(float value, float threshold) {
    return (value >= threshold ? 1 : 0) - (value <= -threshold ? 1 : 0);
  }

  /** Σ |v_i|, in four sums side by side, of which none waits for another. */
  public static double sumOfMagnitudes(float[] values, int from, int to) {
    double a = 0;
    double b = 0;
    double c = 0;
    double d = 0;
    int i = from;
    for (; i + 4 <= to; i += 4) {
      a += Math.abs(values[i]);
      b += Math.abs(values[i + 1]);
      c += Math.abs(values[i + 2]);
      d += Math.abs(values[i + 3]);
    }
    for (; i < to; i++) {
      a += Math.abs(values[i]);
    }
    return a + b + (c + d);
  }

  private static float[] digits() {
    float[] digits = new float[256 * DIGITS_A_BYTE];
    for (int value = 0; value < 256; value++) {
      int rest = value;
      for (int k = 0; k < DIGITS_A_BYTE; k++) {
        digits[value * DIGITS_A_BYTE + k] = rest % 3 - 1;
        rest /= 3;
      }
    }
    return digits;
  }

  /** Whether digits are shorter than gaps, each of which takes a byte at least. */
  private static boolean isDense(int count, int elements) {
    return count > elements / DIGITS_A_BYTE;
  }

  private static void writeDigits(byte[] signs, ByteBuffer message) {
    int i = 0;
    for (; i + DIGITS_A_BYTE <= signs.length; i += DIGITS_A_BYTE) {
      int packed = signs[i + 4] + 1;
      packed = packed * 3 + signs[i + 3] + 1;
      packed = packed * 3 + signs[i + 2] + 1;
      packed = packed * 3 + signs[i + 1] + 1;
      packed = packed * 3 + signs[i] + 1;
      message.put((byte) packed);
    }
    if (i < signs.length) {
      int packed = 0;
      for (int k = signs.length - 1; k >= i; k--) {
        packed = packed * 3 + signs[k] + 1;
      }
      message.put((byte) packed);
    }
  }

  private static void writeGaps(byte[] signs, ByteBuffer message) {
    int last = -1;
    for (int i = 0; i < signs.length; i++) {
      if (signs[i] != 0) {
        writeNumber(message, ((i - last) << 1) | (signs[i] < 0 ? 1 : 0));
        last = i;
      }
    }
  }

  /** Adds what a message says to a vector. */
  public void decode(byte[] message, float[] into) {
    ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    int from = 0;
    for (long end : groupEnds) {
      float size = in.getFloat();
      int count = readNumber(in);
      if (Float.isNaN(size)) {
        into[from] = Float.NaN;
      }
      if (isDense(count, (int) end - from)) {
        addDigits(in, size, into, from, (int) end);
      } else {
        addGaps(in, count, size, into, from);
      }
      from = (int) end;
    }
  }

  private static void addDigits(ByteBuffer in, float size, float[] into, int from, int to) {
    int i = from;
    for (; i + DIGITS_A_BYTE <= to; i += DIGITS_A_BYTE) {
      int digits = DIGITS_A_BYTE * (in.get() & 0xFF);
      into[i] += DIGITS[digits] * size;
      into[i + 1] += DIGITS[digits + 1] * size;
      into[i + 2] += DIGITS[digits + 2] * size;
      into[i + 3] += DIGITS[digits + 3] * size;
      into[i + 4] += DIGITS[digits + 4] * size;
    }
    if (i < to) {
      int digits = DIGITS_A_BYTE * (in.get() & 0xFF);
      for (int k = 0; i + k < to; k++) {
        into[i + k] += DIGITS[digits + k] * size;
      }
    }
  }

  private static void addGaps(ByteBuffer in, int count, float size, float[] into, int from) {
    int at = from - 1;
    for (int k = 0; k < count; k++) {
      int code = readNumber(in);
      at += code >>> 1;
      into[at] += (code & 1) == 0 ? size : -size;
    }
  }

  private static void writeNumber(ByteBuffer out, int value) {
    int rest = value;
    while ((rest & ~0x7F) != 0) {
      out.put((byte) ((rest & 0x7F) | 0x80));
      rest >>>= 7;
    }
    out.put((byte) rest);
  }

  private static int readNumber(ByteBuffer in) {
    int value = 0;
    for (int shift = 0; ; shift += 7) {
      byte next = in.get();
      value |= (next & 0x7F) << shift;
      if (next >= 0) {
        return value;
      }
    }
  }
}
