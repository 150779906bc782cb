package dev.ancestral.job.generate;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import dev.ancestral.data.rows.SqlTypes;
import dev.ancestral.job.generate.rows.TableOutput;
import dev.ancestral.job.output.CatalogTable;
import dev.ancestral.job.output.RowOutput;
import dev.ancestral.job.status.ProgressListener;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructType;

/**
 * Rows in a table whose files are another program's: one of a catalog, or one below the output in a
 * format with files of its own. It is known by what it holds, whatever its files are called.
 *
 * <p>A table of a catalog has the property {@value #PROPERTY}, which says what it was made of: one
 * that has it was begun by the same command, and one that has not is never touched.
 */
final class StoredTable {
  private static final String PROPERTY = "ancestral.generation";

  private final Storage storage;
  private final ProgressListener progress;
  private final Path output;
  private final TableRows rows;

  StoredTable(Storage storage, ProgressListener progress, Path output, TableRows rows) {
    this.storage = storage;
    this.progress = progress;
    this.output = output;
    this.rows = rows;
  }

  /**
   * What a table holds, whatever the order of its rows.
   *
   * @param rows how many
   * @param hash the sum of the hashes of all rows
   */
  record Content(long rows, String hash) {}

  /**
   * Writes the table, if it does not hold the rows.
   *
   * @param known what the samples are as rows, if a manifest says so
   * @param inputs fingerprint of the samples
   * @param replace whether a table of another generation is replaced
   * @throws AncestralException (SPEC) if there is a table of that name that this command has not
   *     made
   */
  Content write(
      TableOutput asked,
      List<MadePart> parts,
      Optional<Content> known,
      String inputs,
      boolean replace) {
    progress.phase("writing the table");
    Dataset<Row> drawn = asked.output(folder()).writable(rows.of(parts));
    Content expected = known.orElseGet(() -> content(drawn, drawn.schema()));
    if (asked.name().isEmpty() && known.isEmpty()) {
      // What lies there is of a command that was killed, and may be of any format.
      storage.delete(new Path(folder()));
    }
    if (!holds(asked, drawn.schema(), expected, inputs, replace)) {
      if (asked.name().isEmpty()) {
        overwrite(asked, drawn);
      } else {
        asked.output(folder()).refusing(() -> catalogTable(asked).fill(drawn));
      }
    }
    return expected;
  }

  /** Whether the table is there with the same rows; makes an empty one where there is none. */
  private boolean holds(
      TableOutput asked, StructType type, Content expected, String inputs, boolean replace) {
    if (asked.name().isEmpty()) {
      return storage.exists(new Path(folder())) && sameRows(stored(asked), type, expected);
    }
    String own = inputs + " " + asked.fingerprint();
    CatalogTable table = catalogTable(asked);
    if (table.exists()) {
      Optional<String> made = table.property(PROPERTY);
      if (made.equals(Optional.of(own))) {
        return sameRows(rows.session().table(table.quoted()), type, expected);
      }
      if (made.isEmpty() || !replace) {
        throw new AncestralException(
            ErrorCode.SPEC,
            "the table "
                + asked.name()
                + (made.isEmpty()
                    ? " is there and was not made by generate; choose another name, or drop it"
                    : " holds another generation; choose another name, or replace it with"
                        + " --overwrite"));
      }
      table.drop();
    }
    RowOutput described = asked.output(folder());
    described.refusing(() -> table.create(type, described, PROPERTY, own));
    return false;
  }

  private CatalogTable catalogTable(TableOutput asked) {
    return new CatalogTable(rows.session(), asked.name());
  }

  private void overwrite(TableOutput asked, Dataset<Row> drawn) {
    RowOutput described = asked.output(folder());
    described.refusing(
        () ->
            drawn
                .write()
                .format(asked.format())
                .options(described.allOptions())
                .mode(SaveMode.Overwrite)
                .save(folder()));
  }

  private Dataset<Row> stored(TableOutput asked) {
    return rows.session()
        .read()
        .format(asked.format())
        .options(asked.output(folder()).allOptions())
        .load(folder());
  }

  /** Half a table, or one of other columns, is none. */
  private boolean sameRows(Dataset<Row> stored, StructType type, Content expected) {
    List<String> names = List.of(stored.schema().fieldNames());
    return names.equals(List.of(type.fieldNames()))
        && types(stored.schema()).equals(types(type))
        && content(stored, type).equals(expected);
  }

  private static List<String> types(StructType type) {
    return Arrays.stream(type.fields()).map(field -> field.dataType().catalogString()).toList();
  }

  private static Content content(Dataset<Row> table, StructType type) {
    Column[] columns =
        Arrays.stream(type.fieldNames())
            .map(name -> functions.col(SqlTypes.quoted(name)))
            .toArray(Column[]::new);
    Row sums =
        table
            .select(functions.xxhash64(columns).cast("decimal(20,0)").as("hash"))
            .agg(functions.count(functions.lit(1)), functions.sum("hash"))
            .first();
    return new Content(
        sums.getLong(0), sums.isNullAt(1) ? "0" : sums.getDecimal(1).toPlainString());
  }

  private String folder() {
    return new Path(output, SampleFormat.TABLE).toString();
  }
}
