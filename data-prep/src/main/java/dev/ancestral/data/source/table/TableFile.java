package dev.ancestral.data.source.table;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import dev.ancestral.data.source.InputBytes;
import dev.ancestral.data.source.InputFile;
import dev.ancestral.data.source.Part;
import java.io.Closeable;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.fs.Path;

/** A kind of file that holds rows. */
sealed interface TableFile permits CsvFile, ParquetTable {

  /**
   * A column of a file.
   *
   * @param type what it holds, for messages
   * @param numeric whether that may be numbers or lists of numbers
   */
  record Column(String name, String type, boolean numeric) {}

  /**
   * The columns of a file, in its order; empty if the file holds nothing, not even a header.
   *
   * @throws AncestralException (DATA) if it is damaged
   */
  List<Column> columns(Storage storage, InputFile file);

  /** Whether the first row has a word or a date in one of these columns. */
  default boolean beginsWithText(Storage storage, InputFile file, List<String> columns) {
    return false;
  }

  /**
   * The stretches of a file that may be read apart.
   *
   * @param bytes about how many a part should have
   */
  List<Part> parts(Storage storage, InputFile file, long bytes);

  /**
   * Opens a stretch of a file.
   *
   * @throws AncestralException (DATA) if the file has not all the columns
   */
  Rows open(Storage storage, Part part, TableColumns columns);

  /** Reads one row after another. */
  interface Rows extends Closeable {
    /**
     * Reads the next row, if there is one.
     *
     * @throws TableColumns.WrongRow if it has a value or a form that it may not have
     * @throws AncestralException (DATA) if the file is damaged here
     */
    boolean next(TableRow into) throws TableColumns.WrongRow, IOException;

    @Override
    void close() throws IOException;
  }

  /** Parquet by the first bytes, whatever the name; else CSV. */
  static TableFile of(Storage storage, InputFile file) {
    Path path = file.path();
    try (var in = storage.open(path)) {
      byte[] first = in.readNBytes(ParquetTable.MAGIC.length);
      return Arrays.equals(ParquetTable.MAGIC, first) ? new ParquetTable() : new CsvFile();
    } catch (IOException e) {
      throw InputBytes.refusal(path, e);
    }
  }

  /**
   * Where each of the wanted columns is in a file.
   *
   * @throws AncestralException (DATA) if one is not there
   */
  static int[] indices(InputFile file, List<String> present, List<String> wanted) {
    return wanted.stream()
        .mapToInt(
            name -> {
              int index = present.indexOf(name);
              if (index < 0) {
                throw new AncestralException(
                    ErrorCode.DATA,
                    file
                        + " has no column '"
                        + name
                        + "'; it has "
                        + abbreviated(present)
                        + ": name some of these");
              }
              return index;
            })
        .toArray();
  }

  /** A list for messages. */
  static String abbreviated(List<?> names) {
    int most = 40;
    return names.size() <= most
        ? names.toString()
        : names.subList(0, most) + " and " + (names.size() - most) + " more";
  }
}
