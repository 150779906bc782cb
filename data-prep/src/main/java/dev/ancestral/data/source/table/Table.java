package dev.ancestral.data.source.table;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Storage;
import dev.ancestral.data.source.InputFile;
import dev.ancestral.data.source.Source;
import dev.ancestral.data.source.SourceContext;
import dev.ancestral.data.source.SourceProvider;
import java.io.Serializable;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;

/**
 * Rows of Parquet files, or of CSV files with a header: numeric columns, and lists of numbers of
 * one length, become the elements of a vector. Columns are found by their names in each file,
 * whatever their order there; what is no number is refused, not left out.
 *
 * <p>Elements are discrete if all of them are whole numbers from 0 to 65,535 in columns of whole
 * numbers (true and false count as 1 and 0); else they are real numbers. Where elements may be
 * missing and levels are declared, whole numbers in columns of real numbers do too: a column that
 * holds gaps is often one of real numbers for that alone.
 *
 * <p>Models compute with float32. A whole number that it does not hold exactly is refused unless
 * the table is continuous, and a real number whose rounding the spread of its column cannot bear
 * ({@link ColumnSpread}) in any case.
 *
 * @param columns names of the columns in the order of the elements; empty for all but the label
 * @param label name of a column of whole numbers, or empty
 * @param levels of a discrete element; 0 for one more than the largest value, at least 2
 * @param continuous whether whole numbers are real numbers all the same
 * @param missing whether a null, an empty field, {@code ?} or NaN is a missing element
 */
public record Table(
    List<String> columns, String label, int levels, boolean continuous, boolean missing)
    implements Source {
  private static final long serialVersionUID = 1L;

  public Table {
    columns = List.copyOf(columns);
  }

  /** Discrete or not, and of as many levels, as the values say. */
  public Table(List<String> columns, String label) {
    this(columns, label, 0, false, false);
  }

  /** A table without gaps. */
  public Table(List<String> columns, String label, int levels, boolean continuous) {
    this(columns, label, levels, continuous, false);
  }

  @Override
  public Survey survey(SourceContext context) {
    Choice choice = choose(context.storage(), context.files().iterator());
    return TableSurvey.of(choice, this, context);
  }

  /** Whether nothing but columns and label is said of it. */
  public boolean isPlain() {
    return levels == 0 && !continuous && !missing;
  }

  /**
   * Whether the columns may be vectors of numbers, by the first file that has some: of a CSV file,
   * by its first row, where a word or a date says no.
   */
  public boolean isOfNumbers(SourceContext context) {
    Iterator<InputFile> files = context.files().iterator();
    while (files.hasNext()) {
      InputFile file = files.next();
      TableFile kind = TableFile.of(context.storage(), file);
      List<TableFile.Column> present = kind.columns(context.storage(), file);
      if (!present.isEmpty()) {
        List<TableFile.Column> read =
            present.stream()
                .filter(
                    column ->
                        !column.name().equals(label)
                            && (columns.isEmpty() || columns.contains(column.name())))
                .toList();
        return read.stream().allMatch(TableFile.Column::numeric)
            && !kind.beginsWithText(context.storage(), file, names(read));
      }
    }
    return true;
  }

  /**
   * What is read of every file.
   *
   * @param columns those that are read
   * @param all the columns that a file may have; empty if it may have any others
   */
  record Choice(TableColumns columns, List<String> all) implements Serializable {
    private static final long serialVersionUID = 1L;

    Choice {
      all = List.copyOf(all);
    }
  }

  /** The columns to read, by the first file that has some. */
  Choice choose(Storage storage, Iterator<InputFile> files) {
    requireEachOnce();
    InputFile first = null;
    List<TableFile.Column> present = List.of();
    // Parts of a table without a row may lack even the header.
    while (present.isEmpty() && files.hasNext()) {
      first = files.next();
      present = TableFile.of(storage, first).columns(storage, first);
    }
    if (present.isEmpty()) {
      throw new AncestralException(
          ErrorCode.DATA, "the table has no header and no rows; name files that have some");
    }
    List<String> chosen = chosen(present, first);
    return new Choice(
        new TableColumns(chosen, label, missing, missing && levels > 0, continuous),
        columns.isEmpty() ? names(present) : List.of());
  }

  private static List<String> names(List<TableFile.Column> columns) {
    return columns.stream().map(TableFile.Column::name).toList();
  }

  private void requireEachOnce() {
    Set<String> names = new HashSet<>(columns);
    if (names.size() < columns.size() || names.contains(label)) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "columns are "
              + columns
              + (label.isEmpty() ? "" : " and the label is " + label)
              + "; each must be named once");
    }
  }

  private List<String> chosen(List<TableFile.Column> present, InputFile file) {
    List<String> names = names(present);
    List<String> chosen =
        columns.isEmpty() ? names.stream().filter(name -> !name.equals(label)).toList() : columns;
    TableFile.indices(file, names, chosen);
    TableFile.indices(file, names, label.isEmpty() ? List.of() : List.of(label));
    List<String> others =
        present.stream()
            .filter(column -> !column.numeric() && chosen.contains(column.name()))
            .map(column -> "'" + column.name() + "' of type " + column.type())
            .toList();
    if (!others.isEmpty()) {
      throw new AncestralException(
          ErrorCode.DATA,
          file
              + ": columns "
              + TableFile.abbreviated(others)
              + "; elements are numbers or lists of numbers: "
              + (columns.isEmpty() ? "name the columns to read (columns)" : "name others"));
    }
    if (chosen.isEmpty()) {
      throw new AncestralException(
          ErrorCode.DATA, file + " has no column beside the label; name another file");
    }
    return chosen;
  }

  @Override
  public String toString() {
    return "table"
        + (columns.isEmpty() ? "" : " columns " + columns)
        + (label.isEmpty() ? "" : " label " + label)
        + (levels > 0 ? " with " + levels + " levels" : "")
        + (continuous ? " of real numbers" : "")
        + (missing ? ", elements may be missing" : "");
  }

  /** The format by its name. */
  public static final class Provider implements SourceProvider {
    @Override
    public String name() {
      return "table";
    }

    @Override
    public Source read(Settings settings) {
      List<String> columns = settings.texts("columns", List.of());
      String label = settings.text("label", "");
      if (new HashSet<>(columns).size() < columns.size() || columns.contains(label)) {
        settings.wrong(
            "columns", columns, "names of which each is there once, and not the label's");
      }
      return new Table(
          columns,
          label,
          settings.count("levels", 0, 0, 1 << 16),
          settings.flag("continuous", false),
          settings.flag("missing", false));
    }
  }
}
