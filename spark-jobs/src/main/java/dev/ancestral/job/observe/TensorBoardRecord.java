package dev.ancestral.job.observe;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * The records of an event file of TensorBoard: protocol-buffer messages {@code Event} in the frames
 * of a TFRecord file.
 *
 * <p>A frame is length (uint64), masked CRC of the length (uint32), data, masked CRC of the data
 * (uint32), all little-endian; the CRC is CRC-32C (Castagnoli, RFC 3720), and masked(c) = ((c ≫ 15)
 * | (c ≪ 17)) + 0xa282ead8 mod 2³². Of {@code Event} the fields are wall_time (1, double), step (2,
 * int64), file_version (3, string) and summary (5, message); of {@code Summary} value (1, message);
 * of {@code Value} tag (1, string) and simple_value (2, float).
 */
final class TensorBoardRecord {
  private static final int MASK_DELTA = 0xa282ead8;
  private static final String VERSION = "brain.Event:2";

  // Wire types of protocol buffers.
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int LENGTH = 2;
  private static final int FIXED32 = 5;

  private TensorBoardRecord() {}

  /** The first record of every file. */
  static byte[] version(double wallTime) {
    Message event = new Message().fixed64(1, Double.doubleToLongBits(wallTime));
    return frame(event.text(3, VERSION).bytes());
  }

  /**
   * The numbers of a round.
   *
   * @param wallTime seconds since 1970
   * @param line of {@code metrics.jsonl}; its step is the step, every other number a scalar of its
   *     name
   */
  static byte[] scalars(double wallTime, JsonNode line) {
    Message summary = new Message();
    for (Map.Entry<String, JsonNode> field : line.properties()) {
      if (field.getValue().isNumber() && !field.getKey().equals("step")) {
        Message value =
            new Message()
                .text(1, field.getKey())
                .fixed32(2, Float.floatToIntBits(field.getValue().floatValue()));
        summary.message(1, value);
      }
    }
    Message event =
        new Message()
            .fixed64(1, Double.doubleToLongBits(wallTime))
            .varint(2, line.path("step").asLong())
            .message(5, summary);
    return frame(event.bytes());
  }

  private static byte[] frame(byte[] data) {
    ByteBuffer frame =
        ByteBuffer.allocate(Long.BYTES + Integer.BYTES + data.length + Integer.BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putLong(data.length);
    frame.putInt(maskedCrc(frame.array(), Long.BYTES));
    return frame.put(data).putInt(maskedCrc(data, data.length)).array();
  }

  /** The masked CRC of the first {@code length} bytes. */
  static int maskedCrc(byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK_DELTA;
  }

  /** A message on its way to the wire. */
  private static final class Message {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    byte[] bytes() {
      return out.toByteArray();
    }

    Message varint(int field, long value) {
      number(((long) field << 3) | VARINT);
      number(value);
      return this;
    }

    Message fixed64(int field, long bits) {
      number(((long) field << 3) | FIXED64);
      out.writeBytes(
          ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(bits).array());
      return this;
    }

    Message fixed32(int field, int bits) {
      number(((long) field << 3) | FIXED32);
      out.writeBytes(
          ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN).putInt(bits).array());
      return this;
    }

    Message text(int field, String text) {
      return delimited(field, text.getBytes(StandardCharsets.UTF_8));
    }

    Message message(int field, Message inner) {
      return delimited(field, inner.bytes());
    }

    private Message delimited(int field, byte[] bytes) {
      number(((long) field << 3) | LENGTH);
      number(bytes.length);
      out.writeBytes(bytes);
      return this;
    }

    /** Seven bits a byte, the least significant first, a set high bit where more follow. */
    private void number(long value) {
      long rest = value;
      while ((rest & ~0x7FL) != 0) {
        out.write((int) ((rest & 0x7F) | 0x80));
        rest >>>= 7;
      }
      out.write((int) rest);
    }
  }
}
