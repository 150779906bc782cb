package dev.ancestral.data.source.table;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import dev.ancestral.data.source.InputBytes;
import dev.ancestral.data.source.InputFile;
import dev.ancestral.data.source.Part;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Values separated by commas, as RFC 4180 describes them: a header, then one row a line; a field in
 * quotes may hold commas, line breaks and doubled quotes. Blank lines are skipped, and white space
 * around fields and quotes does not count. Plain or gzip.
 *
 * <p>Columns without a name are called {@code Unnamed: 0} by their position from 0, and those that
 * repeat a name {@code x.1}, {@code x.2}, ..., as pandas calls them.
 */
record CsvFile() implements TableFile {
  // A word that is not one for a number, or a date.
  private static final Pattern TEXT =
      Pattern.compile("(?is)(?!(nan|inf|infinity|na|null)$)\\p{L}.*|\\d{4}-\\d{2}-\\d{2}.*");

  @Override
  public List<Column> columns(Storage storage, InputFile file) {
    try (CsvRecords records = records(storage, file)) {
      return header(records).stream().map(name -> new Column(name, "text", true)).toList();
    } catch (IOException e) {
      throw InputBytes.refusal(file.path(), e);
    }
  }

  private static CsvRecords records(Storage storage, InputFile file) throws IOException {
    return new CsvRecords(InputBytes.open(storage, file.path()), file.length(), Long.MAX_VALUE);
  }

  @Override
  public boolean beginsWithText(Storage storage, InputFile file, List<String> columns) {
    try (CsvRecords records = records(storage, file)) {
      List<String> header = header(records);
      if (!records.next() || records.fields() != header.size()) {
        return false;
      }
      for (String column : columns) {
        if (TEXT.matcher(records.field(header.indexOf(column))).matches()) {
          return true;
        }
      }
      return false;
    } catch (IOException e) {
      throw InputBytes.refusal(file.path(), e);
    } catch (TableColumns.WrongRow e) {
      return false; // The reader of the rows says what is wrong.
    }
  }

  /** The names in the first record; none if there is no record. */
  private static List<String> header(CsvRecords records) throws IOException {
    try {
      if (!records.header()) {
        return List.of();
      }
    } catch (TableColumns.WrongRow e) {
      throw new AncestralException(
          ErrorCode.DATA, records.path() + ": the header " + e.getMessage(), e);
    }
    List<String> names = new ArrayList<>();
    Set<String> taken = new HashSet<>();
    for (int c = 0; c < records.fields(); c++) {
      String name = records.field(c);
      String wanted = name.isEmpty() ? "Unnamed: " + c : name;
      String unique = wanted;
      for (int again = 1; !taken.add(unique); again++) {
        unique = wanted + "." + again;
      }
      names.add(unique);
    }
    return names;
  }

  /** A record may hold line breaks, so where parts can begin is found by reading. */
  @Override
  public List<Part> parts(Storage storage, InputFile file, long bytes) {
    if (file.length() <= bytes || InputBytes.isCompressed(storage, file.path())) {
      return List.of(Part.whole(file));
    }
    List<Part> parts = new ArrayList<>();
    long from = 0;
    try (CsvRecords records = records(storage, file)) {
      while (records.skip()) {
        if (records.offset() - from >= bytes) {
          parts.add(new Part(file, from, records.offset()));
          from = records.offset();
        }
      }
    } catch (IOException e) {
      throw InputBytes.refusal(file.path(), e);
    } catch (TableColumns.WrongRow e) {
      // The rest is one part, whose reader counts the rows and says which one is wrong.
    }
    parts.add(new Part(file, from, Long.MAX_VALUE));
    return parts;
  }

  @Override
  public Rows open(Storage storage, Part part, TableColumns columns) {
    try {
      CsvRecords records = records(storage, part.file());
      try {
        List<String> header = header(records);
        if (part.from() > 0) {
          records.close();
          records =
              new CsvRecords(
                  InputBytes.openAt(storage, part.file().path(), part.from()),
                  part.file().length(),
                  part.to());
        } else {
          records.end(part.to());
        }
        int[] indices =
            header.isEmpty()
                ? new int[0]
                : TableFile.indices(part.file(), header, columns.needed());
        return new Records(records, header.size(), indices, columns);
      } catch (IOException | RuntimeException e) {
        records.close();
        throw e;
      }
    } catch (IOException e) {
      throw InputBytes.refusal(part.file().path(), e);
    }
  }

  /** The rows after the header. */
  private static final class Records implements Rows {
    private final CsvRecords records;
    private final int fields;
    private final int[] indices;
    private final TableColumns columns;

    Records(CsvRecords records, int fields, int[] indices, TableColumns columns) {
      this.records = records;
      this.fields = fields;
      this.indices = indices;
      this.columns = columns;
    }

    @Override
    public boolean next(TableRow into) throws TableColumns.WrongRow, IOException {
      if (!records.next()) {
        return false;
      }
      if (records.fields() != fields) {
        throw new TableColumns.WrongRow(
            "has another number of columns than the header: "
                + records.fields()
                + ", not "
                + fields
                + "; mend or remove it (a comma within a field needs quotes)");
      }
      into.clear();
      for (int c = 0; c < columns.names().size(); c++) {
        columns.add(into, columns.names().get(c), records.field(indices[c]));
        into.endColumn(c);
      }
      if (columns.labelIndex() >= 0) {
        into.label(columns.label(records.field(indices[columns.labelIndex()])));
      }
      return true;
    }

    @Override
    public void close() throws IOException {
      records.close();
    }
  }
}
