package dev.ancestral.data.source.array;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/** What the elements of an idx file are; numbers of several bytes are big-endian. */
enum IdxType {
  UINT8(0x08, 1) {
    @Override
    double value(ByteBuffer in, int element) {
      return in.get(element) & 0xFF;
    }
  },
  INT8(0x09, 1) {
    @Override
    double value(ByteBuffer in, int element) {
      return in.get(element);
    }
  },
  INT16(0x0B, 2) {
    @Override
    double value(ByteBuffer in, int element) {
      return in.getShort(2 * element);
    }
  },
  INT32(0x0C, 4) {
    @Override
    double value(ByteBuffer in, int element) {
      return in.getInt(4 * element);
    }
  },
  FLOAT32(0x0D, 4) {
    @Override
    double value(ByteBuffer in, int element) {
      return in.getFloat(4 * element);
    }
  },
  FLOAT64(0x0E, 8) {
    @Override
    double value(ByteBuffer in, int element) {
      return in.getDouble(8 * element);
    }
  };

  /** All of them, for messages. */
  static final String CODES = "08 uint8, 09 int8, 0b int16, 0c int32, 0d float32, 0e float64";

  private final int code;
  private final int bytes;

  IdxType(int code, int bytes) {
    this.code = code;
    this.bytes = bytes;
  }

  /** The type with this number in a header. */
  static Optional<IdxType> of(int code) {
    return Arrays.stream(values()).filter(type -> type.code == code).findFirst();
  }

  /** Bytes of an element. */
  int bytes() {
    return bytes;
  }

  boolean isWhole() {
    return this != FLOAT32 && this != FLOAT64;
  }

  /** Whether float32 holds every value. */
  boolean fitsFloat32() {
    return this != INT32 && this != FLOAT64;
  }

  /** An element, which float64 holds exactly. */
  abstract double value(ByteBuffer in, int element);
}
