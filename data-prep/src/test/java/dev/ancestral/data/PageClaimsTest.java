package dev.ancestral.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.parquet.bytes.BytesUtils;
import org.apache.parquet.bytes.HeapByteBufferAllocator;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.values.ValuesWriter;
import org.apache.parquet.column.values.delta.DeltaBinaryPackingValuesWriterForLong;
import org.apache.parquet.column.values.deltastrings.DeltaByteArrayWriter;
import org.apache.parquet.io.ParquetDecodingException;
import org.apache.parquet.io.api.Binary;
import org.junit.jupiter.api.Test;

/** Pages of a few bytes that make Parquet's decoders allocate gigabytes, and sound ones. */
class PageClaimsTest {
  private static final int COUNT = 1000;

  private static PageClaims claims(byte[] page, int count) {
    ByteBuffer in = ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN);
    return new PageClaims(in, count, new ParquetBudget(page.length));
  }

  private static byte[] numbers(int... numbers) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int number : numbers) {
      BytesUtils.writeUnsignedVarInt(number, out);
    }
    return out.toByteArray();
  }

  private static void assertRefused(Encoding encoding, byte[] page) {
    PageClaims claims = claims(page, Integer.MAX_VALUE);
    assertThrows(ParquetDecodingException.class, () -> claims.values(encoding));
  }

  @Test
  void numbers_as_differences_claim_no_more_than_a_page_justifies() throws IOException {
    byte[] total = numbers(128, 4, 1 << 30, 0);
    assertRefused(Encoding.DELTA_BINARY_PACKED, total);
    assertRefused(Encoding.DELTA_LENGTH_BYTE_ARRAY, total);
    assertRefused(Encoding.DELTA_BYTE_ARRAY, total);
    assertRefused(Encoding.DELTA_BINARY_PACKED, numbers(1 << 30, 1, 2, 0));
    assertRefused(Encoding.DELTA_BINARY_PACKED, numbers(1 << 30, 1 << 30, 2, 0));
  }

  @Test
  void texts_share_no_more_than_a_page_justifies() throws IOException {
    // One text, of which the first 2^30 bytes are those of the one before.
    ByteArrayOutputStream page = new ByteArrayOutputStream();
    page.writeBytes(numbers(128, 4, 1));
    BytesUtils.writeZigZagVarLong(1 << 30, page);
    assertRefused(Encoding.DELTA_BYTE_ARRAY, page.toByteArray());
  }

  @Test
  void packed_runs_claim_no_more_than_a_page_justifies() throws IOException {
    ByteArrayOutputStream page = new ByteArrayOutputStream();
    page.write(1); // Bits of an index.
    page.writeBytes(numbers((1 << 27) | 1));
    assertRefused(Encoding.RLE_DICTIONARY, page.toByteArray());
    PageClaims levels = claims(numbers((1 << 27) | 1), Integer.MAX_VALUE);
    assertThrows(ParquetDecodingException.class, () -> levels.runs(1));
  }

  @Test
  void levels_that_end_early_hide_no_values_behind_them() throws IOException {
    ByteArrayOutputStream page = new ByteArrayOutputStream();
    BytesUtils.writeIntLittleEndian(page, 1);
    page.write(0x80); // A run whose length goes on beyond the levels.
    page.writeBytes(numbers(128, 4, 1 << 30, 0));
    PageClaims claims = claims(page.toByteArray(), COUNT);
    claims.levels(1, Encoding.RLE);
    assertThrows(ParquetDecodingException.class, () -> claims.values(Encoding.DELTA_BINARY_PACKED));
    // Six bytes in the place of one, which a decoder takes for another number.
    byte[] overlong = {(byte) 0x80, 1, 4, (byte) 0x81, -128, -128, -128, -128, 1, 0};
    assertRefused(Encoding.DELTA_BINARY_PACKED, overlong);
  }

  @Test
  @SuppressWarnings("deprecation") // By the Parquet of Spark 4.
  void a_sound_page_claims_what_it_holds() throws IOException {
    HeapByteBufferAllocator allocator = HeapByteBufferAllocator.getInstance();
    ValuesWriter numbers = new DeltaBinaryPackingValuesWriterForLong(100, 1 << 16, allocator);
    ValuesWriter texts = new DeltaByteArrayWriter(100, 1 << 16, allocator);
    for (int i = 0; i < COUNT; i++) {
      numbers.writeLong((long) i * i);
      texts.writeBytes(Binary.fromString("a text of " + i));
    }
    PageClaims ofNumbers = claims(numbers.getBytes().toByteArray(), COUNT);
    ofNumbers.values(Encoding.DELTA_BINARY_PACKED);
    // Miniblocks of 32, the first number, and the widths of four of them.
    assertEquals(8L * (COUNT + 32 + 1) + 16, ofNumbers.bytes());
    PageClaims ofTexts = claims(texts.getBytes().toByteArray(), COUNT);
    ofTexts.values(Encoding.DELTA_BYTE_ARRAY);
    long lengths = 8L * (COUNT + 32 + 1) + 16;
    // The longest beginning that two texts share is that of "a text of 100" and "a text of 101".
    assertEquals(2 * lengths + 2L * "a text of 10".length(), ofTexts.bytes());
  }
}
