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
      BytesInput bytes = held(page.getBytes());
      PageClaims claims = new PageClaims(buffer(bytes), page.getValueCount(), budget);
      claims.levels(column.getMaxRepetitionLevel(), page.getRlEncoding());
      claims.levels(column.getMaxDefinitionLevel(), page.getDlEncoding());
      claims.values(page.getValueEncoding());
      budget.hold(name(), bytes.size() + claims.bytes());
      return new DataPageV1(
          bytes,
          page.getValueCount(),
          page.getUncompressedSize(),
          page.getStatistics(),
          page.getRlEncoding(),
          page.getDlEncoding(),
          page.getValueEncoding());
    }

    @Override
    public DataPage visit(DataPageV2 page) {
      BytesInput repetitions = held(page.getRepetitionLevels());
      BytesInput definitions = held(page.getDefinitionLevels());
      BytesInput data = held(page.getData());
      int count = page.getValueCount();
      PageClaims values = new PageClaims(buffer(data), count, budget);
      values.values(page.getDataEncoding());
      PageClaims levels = new PageClaims(buffer(repetitions), count, budget);
      levels.runs(PageClaims.width(column.getMaxRepetitionLevel()));
      PageClaims others = new PageClaims(buffer(definitions), count, budget);
      others.runs(PageClaims.width(column.getMaxDefinitionLevel()));
      long bytes = repetitions.size() + definitions.size() + data.size();
      budget.hold(name(), bytes + values.bytes() + levels.bytes() + others.bytes());
      return DataPageV2.uncompressed(
          page.getRowCount(),
          page.getNullCount(),
          count,
          repetitions,
          definitions,
          page.getDataEncoding(),
          data,
          page.getStatistics());
    }

    /** Bytes that may be read more than once: those of some codecs are a stream. */
    private static BytesInput held(BytesInput bytes) {
      try {
        return BytesInput.from(bytes.toByteArray());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    private static ByteBuffer buffer(BytesInput bytes) {
      try {
        return ByteBuffer.wrap(bytes.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
