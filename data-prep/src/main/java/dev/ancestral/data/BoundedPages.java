package dev.ancestral.data;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV1;
import org.apache.parquet.column.page.DataPageV2;
import org.apache.parquet.column.page.DictionaryPage;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.column.page.PageReader;

/**
 * The pages of a row group, of which each is looked through before it is decoded: Parquet's
 * decoders allocate by the numbers of values that stand in a page.
 *
 * @param pages as they were read
 * @param budget of the file
 */
record BoundedPages(PageReadStore pages, ParquetBudget budget) implements PageReadStore {
  // An entry of a dictionary of texts.
  private static final long BYTES_OF_AN_ENTRY = 48;

  @Override
  public PageReader getPageReader(ColumnDescriptor column) {
    return new Column(pages.getPageReader(column), column, budget);
  }

  @Override
  public long getRowCount() {
    return pages.getRowCount();
  }

  private record Column(PageReader reader, ColumnDescriptor column, ParquetBudget budget)
      implements PageReader, DataPage.Visitor<DataPage> {

    private String name() {
      return String.join(".", column.getPath());
    }

    @Override
    public DictionaryPage readDictionaryPage() {
      DictionaryPage page = reader.readDictionaryPage();
      if (page != null) {
        long entries = page.getDictionarySize() * BYTES_OF_AN_ENTRY;
        budget.hold("dictionary of " + name(), page.getUncompressedSize() + entries);
      }
      return page;
    }

    @Override
    public long getTotalValueCount() {
      return reader.getTotalValueCount();
    }

    @Override
    public DataPage readPage() {
      DataPage page = reader.readPage();
      return page == null ? null : page.accept(this);
    }

    @Override
    public DataPage visit(DataPageV1 page) {
      byte[] bytes = bytes(page.getBytes());
      PageClaims claims = claims(bytes, page.getValueCount());
      claims.levels(column.getMaxRepetitionLevel(), page.getRlEncoding());
      claims.levels(column.getMaxDefinitionLevel(), page.getDlEncoding());
      claims.values(page.getValueEncoding());
      budget.hold(name(), bytes.length + claims.bytes());
      return new DataPageV1(
          BytesInput.from(bytes),
          page.getValueCount(),
          page.getUncompressedSize(),
          page.getStatistics(),
          page.getRlEncoding(),
          page.getDlEncoding(),
          page.getValueEncoding());
    }

    @Override
    public DataPage visit(DataPageV2 page) {
      byte[] repetitions = bytes(page.getRepetitionLevels());
      byte[] definitions = bytes(page.getDefinitionLevels());
      byte[] data = bytes(page.getData());
      int count = page.getValueCount();
      PageClaims values = claims(data, count);
      values.values(page.getDataEncoding());
      PageClaims levels = claims(repetitions, count);
      levels.runs(PageClaims.width(column.getMaxRepetitionLevel()));
      PageClaims others = claims(definitions, count);
      others.runs(PageClaims.width(column.getMaxDefinitionLevel()));
      long bytes = (long) repetitions.length + definitions.length + data.length;
      budget.hold(name(), bytes + values.bytes() + levels.bytes() + others.bytes());
      return DataPageV2.uncompressed(
          page.getRowCount(),
          page.getNullCount(),
          count,
          BytesInput.from(repetitions),
          BytesInput.from(definitions),
          page.getDataEncoding(),
          BytesInput.from(data),
          page.getStatistics());
    }

    private PageClaims claims(byte[] page, int count) {
      return new PageClaims(ByteBuffer.wrap(page).order(ByteOrder.LITTLE_ENDIAN), count, budget);
    }

    /** Copied, because those of some codecs are a stream, which is read once. */
    @SuppressWarnings("deprecation") // By the Parquet of Spark 4; 3.5 has nothing else.
    private static byte[] bytes(BytesInput bytes) {
      try {
        return bytes.toByteArray();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
