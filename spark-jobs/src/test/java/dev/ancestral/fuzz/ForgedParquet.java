package dev.ancestral.fuzz;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.Util;

/** A sound Parquet file of one row group and one page a column, whose headers are changed. */
final class ForgedParquet {
  private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);

  private ForgedParquet() {}

  /**
   * The changed file.
   *
   * @param pages changes the header of each page
   * @param footer changes the footer last of all
   */
  static byte[] of(byte[] sound, Consumer<PageHeader> pages, Consumer<FileMetaData> footer)
      throws IOException {
    int length = ByteBuffer.wrap(sound).order(ByteOrder.LITTLE_ENDIAN).getInt(sound.length - 8);
    FileMetaData metadata =
        Util.readFileMetaData(new ByteArrayInputStream(sound, sound.length - 8 - length, length));
    ByteArrayOutputStream forged = new ByteArrayOutputStream();
    forged.writeBytes(MAGIC);
    for (ColumnChunk chunk : metadata.getRow_groups().get(0).getColumns()) {
      int from = (int) chunk.getMeta_data().getData_page_offset();
      ByteArrayInputStream in = new ByteArrayInputStream(sound, from, sound.length - from);
      PageHeader header = Util.readPageHeader(in);
      byte[] body = Arrays.copyOf(in.readAllBytes(), header.getCompressed_page_size());
      pages.accept(header);
      int begin = forged.size();
      Util.writePageHeader(header, forged);
      forged.writeBytes(body);
      chunk.setFile_offset(begin);
      chunk.getMeta_data().setData_page_offset(begin);
      chunk.getMeta_data().setTotal_compressed_size(forged.size() - begin);
    }
    footer.accept(metadata);
    int end = forged.size();
    Util.writeFileMetaData(metadata, forged);
    forged.writeBytes(
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(forged.size() - end).array());
    forged.writeBytes(MAGIC);
    return forged.toByteArray();
  }
}
