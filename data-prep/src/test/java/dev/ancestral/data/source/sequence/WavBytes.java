package dev.ancestral.data.source.sequence;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/** WAV files of a test, byte by byte. */
public final class WavBytes {
  /** How sizes are written. */
  public enum Container {
    RIFF,
    RF64,
    BW64
  }

  private WavBytes() {}

  /**
   * A file.
   *
   * @param kind 1 for PCM, 3 for floating point
   * @param extensible whether {@code kind} stands in the sub-format
   * @param data the samples, little-endian
   */
  public static byte[] of(
      Container container,
      int kind,
      boolean extensible,
      int bits,
      int channels,
      int sampleRate,
      byte[] data) {
    boolean wide = container != Container.RIFF;
    ByteBuffer out = ByteBuffer.allocate(200 + data.length).order(ByteOrder.LITTLE_ENDIAN);
    out.put(container.name().getBytes(US_ASCII)).putInt(-1).put("WAVE".getBytes(US_ASCII));
    if (wide) {
      out.put("ds64".getBytes(US_ASCII)).putInt(40).putLong(0).putLong(data.length).putLong(0);
      out.putInt(1).put("LIST".getBytes(US_ASCII)).putLong(5);
    }
    out.put("fmt ".getBytes(US_ASCII)).putInt(extensible ? 40 : 16);
    out.putShort((short) (extensible ? 0xFFFE : kind)).putShort((short) channels);
    out.putInt(sampleRate).putInt(sampleRate * channels * bits / 8);
    out.putShort((short) (channels * bits / 8)).putShort((short) bits);
    if (extensible) {
      out.putShort((short) 22).putShort((short) bits).putInt(0).putShort((short) kind);
      out.put(new byte[] {0, 0, 0, 0, 0x10, 0, (byte) 0x80, 0, 0, (byte) 0xAA, 0, 0x38});
      out.put(new byte[] {(byte) 0x9B, 0x71});
    }
    // A part of odd length is padded.
    out.put("LIST".getBytes(US_ASCII)).putInt(wide ? -1 : 5).put(new byte[6]);
    out.put("data".getBytes(US_ASCII)).putInt(wide ? -1 : data.length).put(data);
    byte[] file = Arrays.copyOf(out.array(), out.position());
    if (!wide) {
      out.putInt(4, file.length - 8);
      System.arraycopy(out.array(), 4, file, 4, 4);
    } else {
      out.putLong(20, file.length - 8);
      System.arraycopy(out.array(), 20, file, 20, 8);
    }
    return file;
  }

  /** Bytes of numbers of so many bits. */
  public static byte[] data(int kind, int bits, double... stored) {
    ByteBuffer out = ByteBuffer.allocate(stored.length * bits / 8).order(ByteOrder.LITTLE_ENDIAN);
    for (double value : stored) {
      if (kind == 3) {
        if (bits == 32) {
          out.putFloat((float) value);
        } else {
          out.putDouble(value);
        }
      } else {
        long whole = (long) value;
        for (int shift = 0; shift < bits; shift += 8) {
          out.put((byte) (whole >> shift));
        }
      }
    }
    return out.array();
  }
}
