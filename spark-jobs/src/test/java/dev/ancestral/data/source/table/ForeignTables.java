package dev.ancestral.data.source.table;

import dev.ancestral.data.Storage;
import dev.ancestral.data.source.InputFile;
import org.apache.hadoop.fs.Path;

/** Reads what a foreign table begins with, as the first pass of prepare does. */
public final class ForeignTables {
  private ForeignTables() {}

  /**
   * The number of columns of a CSV file.
   *
   * @throws dev.ancestral.AncestralException (DATA) if it is damaged
   */
  public static int columns(Storage storage, Path path) {
    InputFile file = new InputFile(0, path.toUri().toString(), storage.status(path).getLen(), 0);
    return new CsvFile().columns(storage, file).size();
  }
}
