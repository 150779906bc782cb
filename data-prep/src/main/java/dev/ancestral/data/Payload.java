package dev.ancestral.data;

import dev.ancestral.model.EventSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The elements of an example as bytes, row-major: one unsigned byte an element for up to 256
 * levels, a little-endian int32 above, a little-endian float32 for real numbers.
 *
 * <p>Where elements may be missing, a missing one is a byte 255 (so one byte does for up to 255
 * levels), an int32 of −1, or NaN.
 */
public final class Payload {
  /** Whole numbers up to here are exact in the float32 that models compute with. */
  public static final int MOST_LEVELS = EventSpec.MOST_LEVELS;

  /** Stands for a missing element among levels. */
  public static final int MISSING = -1;

  private static final byte MISSING_BYTE = (byte) MISSING;

  private Payload() {}

  /** Bytes of one element. */
  public static int width(EventSpec event) {
    return event.isDiscrete() && event.levels() <= (event.missing() ? 255 : 256) ? 1 : 4;
  }

  /** Bytes of an example, or of one step of a sequence. */
  public static int stepBytes(EventSpec event) {
    return Math.multiplyExact(event.size(), width(event));
  }

  /**
   * Elements to bytes.
   *
   * @param values elements as float32, {@code count} of them from {@code from}
   * @throws IllegalArgumentException if a value is no level of a discrete event, nor missing where
   *     that may be
   */
  public static byte[] encode(EventSpec event, float[] values, int from, int count) {
    byte[] payload = new byte[Math.multiplyExact(count, width(event))];
    ByteBuffer buffer = ByteBuffer.wrap(payload).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = from; i < from + count; i++) {
      if (event.isDiscrete()) {
        putLevel(event, values[i], buffer);
      } else {
        buffer.putFloat(values[i]);
      }
    }
    return payload;
  }

  private static void putLevel(EventSpec event, float value, ByteBuffer buffer) {
    if (event.missing() && Float.isNaN(value)) {
      put(event, MISSING, buffer);
      return;
    }
    int level = (int) value;
    if (level != value || level < 0 || level >= event.levels()) {
      throw new IllegalArgumentException(
          "element " + value + " is no level; the event is " + event.describe());
    }
    put(event, level, buffer);
  }

  /** Appends one level of a discrete event, or {@link #MISSING}. */
  public static void put(EventSpec event, int level, ByteBuffer buffer) {
    if (width(event) == 1) {
      buffer.put((byte) level);
    } else {
      buffer.putInt(level);
    }
  }

  /** The same elements in the layout of another event. */
  public static byte[] convert(byte[] payload, EventSpec from, EventSpec to) {
    if (from.isDiscrete() == to.isDiscrete() && width(from) == width(to)) {
      return payload;
    }
    float[] values = new float[payload.length / width(from)];
    decode(from, payload, 0, values.length, values, 0);
    return encode(to, values, 0, values.length);
  }

  /** Bytes to elements: {@code count} of them from byte {@code offset} on. */
  public static void decode(
      EventSpec event, byte[] payload, int offset, int count, float[] into, int at) {
    if (width(event) == 1) {
      for (int i = 0; i < count; i++) {
        into[at + i] = payload[offset + i] & 0xFF;
      }
      if (event.missing()) {
        for (int i = 0; i < count; i++) {
          into[at + i] = payload[offset + i] == MISSING_BYTE ? Float.NaN : into[at + i];
        }
      }
      return;
    }
    ByteBuffer buffer = ByteBuffer.wrap(payload, offset, 4 * count).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      into[at + i] = event.isDiscrete() ? level(event, buffer.getInt()) : buffer.getFloat();
    }
  }

  private static float level(EventSpec event, int stored) {
    return event.missing() && stored == MISSING ? Float.NaN : stored;
  }
}
