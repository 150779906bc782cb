package dev.ancestral.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.apache.parquet.bytes.ByteBufferInputStream;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesReader;
import org.apache.parquet.io.ParquetDecodingException;

/**
 * Passes over the encoded numbers of a Parquet page and adds up what its decoders will allocate. A
 * page that ends early is left to the decoder, which says so.
 */
final class PageClaims {
  private final ByteBuffer in;
  private final int count;
  private final ParquetBudget budget;
  private long bytes;

  /**
   * @param in the page, little-endian
   * @param count values that it is said to have
   */
  PageClaims(ByteBuffer in, int count, ParquetBudget budget) {
    this.in = in;
    this.count = count;
    this.budget = budget;
  }

  /** What will be allocated for what was passed over. */
  long bytes() {
    return bytes;
  }

  /** Bits of a level. */
  static int width(int mostLevel) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(mostLevel);
  }

  /** Passes over the levels of a page of version 1. */
  void levels(int mostLevel, Encoding encoding) {
    if (mostLevel == 0) {
      return;
    }
    if (encoding == Encoding.RLE) {
      within(() -> counted(width(mostLevel)));
    } else {
      pass((width(mostLevel) * (long) count + 7) / 8);
    }
  }

  /** Passes over the values. */
  void values(Encoding encoding) {
    switch (encoding) {
      case PLAIN_DICTIONARY, RLE_DICTIONARY -> within(() -> runsOf(in.get()));
      case RLE -> within(() -> counted(1));
      case DELTA_BINARY_PACKED, DELTA_LENGTH_BYTE_ARRAY -> within(this::delta);
      case DELTA_BYTE_ARRAY ->
          within(
              () -> {
                ByteBuffer prefixes = in.slice();
                delta();
                long longest = longest(prefixes);
                // A text and the one before it.
                claim(2 * longest);
                delta();
              });
      default -> {
        // What is allocated is as long as the page.
      }
    }
  }

  /** Passes over runs to the end of the page. */
  void runs(int width) {
    within(() -> runsOf(width));
  }

  private void within(Runnable work) {
    try {
      work.run();
    } catch (BufferUnderflowException e) {
      in.position(in.limit());
    }
  }

  private void counted(int width) {
    int length = in.getInt();
    int end = in.position() + Math.max(0, Math.min(length, in.remaining()));
    int limit = in.limit();
    in.limit(end);
    within(() -> runsOf(width));
    in.limit(limit).position(end);
  }

  /** Runs of equal values take no memory, packed ones an int32 a value beside their bytes. */
  private void runsOf(int width) {
    if (width < 0 || width > Integer.SIZE) {
      return; // Refused by the decoder.
    }
    long largest = 0;
    for (long seen = 0; seen < count && in.hasRemaining(); ) {
      long head = varint() & 0xFFFFFFFFL;
      long n = head >>> 1;
      if ((head & 1) == 0) {
        skip((width + 7) / 8);
        seen += n;
      } else {
        long taken = n * (8 * Integer.BYTES + width);
        claim(Math.max(0, taken - largest));
        largest = Math.max(largest, taken);
        pass(n * width); // The last run may end before its last values.
        seen += 8 * n;
      }
    }
  }

  /** Numbers as differences: all of a page are unpacked to int64 at once. */
  private void delta() {
    long block = varint() & 0xFFFFFFFFL;
    long parts = varint() & 0xFFFFFFFFL;
    long total = varint() & 0xFFFFFFFFL;
    varlong(); // The first value.
    if (parts == 0 || block % parts != 0 || block == 0) {
      return; // Refused by the decoder.
    }
    long part = block / parts;
    claim(Long.BYTES * (total + part + 1) + Integer.BYTES * parts);
    for (long read = 1; read < total; ) {
      varlong(); // The least difference of the block.
      int widths = in.position();
      skip(parts);
      for (int p = 0; p < parts && read < total; p++, read += part) {
        skip((in.get(widths + p) & 0xFF) * part / 8);
      }
    }
  }

  private static long longest(ByteBuffer lengths) {
    DeltaBinaryPackingValuesReader reader = new DeltaBinaryPackingValuesReader();
    int total = total(lengths.duplicate());
    long longest = 0;
    try {
      reader.initFromPage(total, ByteBufferInputStream.wrap(lengths));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    for (int i = 0; i < total; i++) {
      longest = Math.max(longest, reader.readInteger());
    }
    return longest;
  }

  private static int total(ByteBuffer lengths) {
    PageClaims head = new PageClaims(lengths, 0, null);
    head.varint();
    head.varint();
    return head.varint();
  }

  private void claim(long more) {
    bytes += more;
    budget.require(bytes);
  }

  private void skip(long length) {
    if (length > in.remaining()) {
      throw new BufferUnderflowException();
    }
    in.position(in.position() + (int) length);
  }

  private void pass(long length) {
    in.position(in.position() + (int) Math.min(length, in.remaining()));
  }

  private int varint() {
    return (int) number(Integer.SIZE);
  }

  private long varlong() {
    return number(Long.SIZE);
  }

  /** Decoders take more bytes than a number needs for another number. */
  private long number(int bits) {
    long value = 0;
    for (int shift = 0; shift < bits; shift += 7) {
      byte next = in.get();
      value |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new ParquetDecodingException("a page has a number of more than " + bits + " bits");
  }
}
