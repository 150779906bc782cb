package dev.ancestral.job.train.collective;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Gradient compression to signs above a threshold, with error feedback (Strom: Scalable distributed
 * DNN training using commodity GPU cloud computing, 2015; Seide et al.: 1-bit stochastic gradient
 * descent, 2014).
 *
 * <p>Each replica adds its gradient to a residual r. Where |r_i| ≥ τ the message says sgn(r_i) and
 * the residual loses sgn(r_i)·v; the rest stays for later steps, so nothing is lost, only delayed.
 * Per group of elements (a parameter tensor), τ is a multiple of the mean |r| and v the mean |r_i|
 * of those above it, which keeps the step unbiased in size without tuning.
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
  private static final int DIGITS_A_BYTE = 5;

  private final long[] groupEnds;
  private final double thresholdFactor;
  private final float[] residual;

  /**
   * A code for vectors cut into groups.
   *
   * @param groupEnds exclusive ends of the groups, ascending; the last is the size of the vector
   * @param thresholdFactor multiple of the mean magnitude above which an element is sent
   */
  public TernaryCode(long[] groupEnds, double thresholdFactor) {
    this.groupEnds = groupEnds.clone();
    this.thresholdFactor = thresholdFactor;
    this.residual = new float[Math.toIntExact(groupEnds[groupEnds.length - 1])];
  }

  /** What has not been sent yet; part of the replica's state. */
  public float[] residual() {
    return residual;
  }

  /** Adds a gradient to the residual and takes out of it what the message says. */
  public byte[] encode(float[] gradient) {
    return encode(gradient, 0, residual.length);
  }

  /**
   * As {@link #encode(float[])} for a window of whole groups; the rest of gradient and residual is
   * left alone.
   *
   * @param from first element of a group
   * @param to end of a group
   */
  public byte[] encode(float[] gradient, int from, int to) {
    requireWholeGroups(from, to);
    for (int i = from; i < to; i++) {
      residual[i] += gradient[i];
    }
    ByteArrayOutputStream message = new ByteArrayOutputStream((to - from) / 16 + 64);
    int start = 0;
    for (long end : groupEnds) {
      if (start >= from && end <= to) {
        encodeGroup(start, (int) end, message);
      }
      start = (int) end;
    }
    return message.toByteArray();
  }

  private void requireWholeGroups(int from, int to) {
    boolean starts = from == 0;
    boolean ends = false;
    for (long end : groupEnds) {
      starts |= end == from;
      ends |= end == to;
    }
    if (!starts || !ends || from >= to) {
      throw new IllegalArgumentException(
          "the window from " + from + " to " + to + " is not one of whole groups");
    }
  }

  private void encodeGroup(int from, int to, ByteArrayOutputStream message) {
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += Math.abs(residual[i]);
    }
    float threshold = (float) (thresholdFactor * sum / Math.max(1, to - from));
    double above = 0;
    int count = 0;
    for (int i = from; i < to; i++) {
      float magnitude = Math.abs(residual[i]);
      if (magnitude >= threshold && magnitude > 0) {
        above += magnitude;
        count++;
      }
    }
    // A residual that is not finite gives a size that is not, so every replica sees it.
    float size = Double.isFinite(sum) ? (float) (above / Math.max(1, count)) : Float.NaN;
    int bits = Float.floatToRawIntBits(size);
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      message.write(bits >>> shift);
    }
    writeNumber(message, count);
    byte[] signs = new byte[to - from];
    for (int i = from; i < to; i++) {
      float value = residual[i];
      if (Math.abs(value) >= threshold && Math.abs(value) > 0) {
        signs[i - from] = (byte) (value < 0 ? -1 : 1);
        residual[i] = value < 0 ? value + size : value - size;
      }
    }
    if (isDense(count, signs.length)) {
      writeDigits(signs, message);
    } else {
      writeGaps(signs, message);
    }
  }

  /** Whether digits are shorter than gaps, each of which takes a byte at least. */
  private static boolean isDense(int count, int elements) {
    return count > elements / DIGITS_A_BYTE;
  }

  private static void writeDigits(byte[] signs, ByteArrayOutputStream message) {
    for (int i = 0; i < signs.length; i += DIGITS_A_BYTE) {
      int packed = 0;
      for (int k = Math.min(i + DIGITS_A_BYTE, signs.length) - 1; k >= i; k--) {
        packed = packed * 3 + signs[k] + 1;
      }
      message.write(packed);
    }
  }

  private static void writeGaps(byte[] signs, ByteArrayOutputStream message) {
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
    decode(message, into, 0, residual.length);
  }

  /** Adds what a message about a window of whole groups says to that window of a vector. */
  public void decode(byte[] message, float[] into, int windowFrom, int windowTo) {
    requireWholeGroups(windowFrom, windowTo);
    ByteBuffer in = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
    int from = 0;
    for (long end : groupEnds) {
      if (from < windowFrom || end > windowTo) {
        from = (int) end;
        continue;
      }
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
    for (int i = from; i < to; i += DIGITS_A_BYTE) {
      int packed = in.get() & 0xFF;
      for (int k = i; k < Math.min(i + DIGITS_A_BYTE, to); k++) {
        into[k] += (packed % 3 - 1) * size;
        packed /= 3;
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

  private static void writeNumber(ByteArrayOutputStream out, int value) {
    int rest = value;
    while ((rest & ~0x7F) != 0) {
      out.write((rest & 0x7F) | 0x80);
      rest >>>= 7;
    }
    out.write(rest);
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
