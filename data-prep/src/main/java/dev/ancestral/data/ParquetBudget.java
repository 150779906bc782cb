package dev.ancestral.data;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.parquet.io.ParquetDecodingException;

/** What the reader of a Parquet file holds at a time: one page and one dictionary a column. */
final class ParquetBudget {
  private final long most;
  private final Map<String, Long> held = new HashMap<>();
  private long total;

  /**
   * @param fileBytes length of the file
   */
  ParquetBudget(long fileBytes) {
    most = MemoryBound.of(fileBytes);
  }

  /**
   * Checks that there is room.
   *
   * @throws ParquetDecodingException if there is none
   */
  void require(long bytes) {
    if (bytes < 0 || bytes > most - total) {
      throw new ParquetDecodingException(
          String.format(
              Locale.ROOT,
              "its pages claim to unpack to %,d bytes, but at most %,d can be justified by a file"
                  + " of its length",
              bytes + total,
              most));
    }
  }

  /**
   * Takes room for something, in place of what it took before.
   *
   * @throws ParquetDecodingException if there is none
   */
  void hold(String what, long bytes) {
    total -= held.getOrDefault(what, 0L);
    held.remove(what);
    require(bytes);
    held.put(what, bytes);
    total += bytes;
  }
}
