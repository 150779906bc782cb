package dev.ancestral.data;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * Passes over a struct in Thrift's compact protocol, which Parquet's footer is in, and checks that
 * every text and list that it announces is there. A reader allocates lists by what is announced.
 */
final class ThriftBound {
  private static final int DEEPEST = 64;
  // An object of the reader stands for each; an empty one has a byte.
  private static final long STRUCTS_OF_ANY_FILE = 1 << 17;
  private static final int BYTES_OF_A_STRUCT = 16;

  private final ByteBuffer in;
  private final long mostStructs;
  private long structs;

  private ThriftBound(ByteBuffer in) {
    this.in = in;
    mostStructs = STRUCTS_OF_ANY_FILE + in.remaining() / BYTES_OF_A_STRUCT;
  }

  /**
   * Checks the struct that begins here.
   *
   * @throws IOException if it is none, or announces more than is there
   */
  static void requireSound(ByteBuffer in) throws IOException {
    try {
      new ThriftBound(in).struct(0);
    } catch (BufferUnderflowException e) {
      throw new IOException("its footer ends within a value", e);
    }
  }

  private void struct(int depth) throws IOException {
    if (depth > DEEPEST || ++structs > mostStructs) {
      throw new IOException(
          "its footer has more than "
              + (depth > DEEPEST ? DEEPEST + " levels" : mostStructs + " entries"));
    }
    for (int head = in.get() & 0xFF; head != 0; head = in.get() & 0xFF) {
      if (head >> 4 == 0) {
        varint(); // The number of the field; else it is the difference to the one before.
      }
      int type = head & 0xF;
      if (type > 2) { // True and false have their value in the head.
        value(type, depth);
      }
    }
  }

  private void value(int type, int depth) throws IOException {
    switch (type) {
      case 1, 2, 3 -> in.get();
      case 4, 5, 6 -> varint();
      case 7 -> skip(Double.BYTES);
      case 8 -> skip(varint());
      case 9, 10 -> {
        int head = in.get() & 0xFF;
        long size = head >> 4 == 15 ? varint() : head >> 4;
        values(size, head & 0xF, depth);
      }
      case 11 -> {
        long size = varint();
        int types = size == 0 ? 0 : in.get() & 0xFF;
        requireThere(2 * Math.min(size, Integer.MAX_VALUE));
        for (long i = 0; i < size; i++) {
          value(types >> 4, depth + 1);
          value(types & 0xF, depth + 1);
        }
      }
      case 12 -> struct(depth + 1);
      default -> throw new IOException("its footer has a value of the unknown type " + type);
    }
  }

  private void values(long size, int type, int depth) throws IOException {
    requireThere(size); // Each takes a byte at least.
    if (depth > DEEPEST) {
      throw new IOException("its footer has more than " + DEEPEST + " levels");
    }
    for (long i = 0; i < size; i++) {
      value(type, depth + 1);
    }
  }

  private void skip(long bytes) throws IOException {
    requireThere(bytes);
    in.position(in.position() + (int) bytes);
  }

  private void requireThere(long bytes) throws IOException {
    if (bytes < 0 || bytes > in.remaining()) {
      throw new IOException(
          "its footer announces "
              + bytes
              + " bytes or values, of which "
              + in.remaining()
              + " bytes are there");
    }
  }

  private long varint() throws IOException {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      byte next = in.get();
      value |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new IOException("its footer has a number of more than 64 bits");
  }
}
