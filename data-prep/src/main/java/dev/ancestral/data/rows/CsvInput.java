package dev.ancestral.data.rows;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * CSV files, read by Spark as texts under the names of each file's own header, so that their order
 * may differ. Rows that have more or fewer fields than the header are refused.
 */
final class CsvInput {
  private static final String CORRUPT = "__fields of a row that has another number of them";
  private static final int MOST_TASKS = 64;
  private static final String SEPARATOR = "\0";

  private final SparkSession session;
  private final RowInput input;
  private final TextColumns texts;

  CsvInput(SparkSession session, RowInput located) {
    this.session = session;
    boolean comma = Boolean.parseBoolean(located.option("decimalComma"));
    String nulls = located.option("nullValues");
    Map<String, String> options = new LinkedHashMap<>(located.options());
    options.keySet().removeIf(key -> key.matches("(?i)decimalComma|nullValues|inferSchema"));
    input =
        new RowInput(located.paths(), located.format(), options, located.table(), located.query())
            .with(TextColumns.csvDefaults());
    boolean infer = !"false".equalsIgnoreCase(located.option("inferSchema"));
    texts =
        new TextColumns(
            comma,
            nulls == null ? Set.of() : new TreeSet<>(Arrays.asList(nulls.split(",", -1))),
            infer ? TextType.all() : 0);
  }

  Dataset<Row> load() {
    Dataset<Row> rows = null;
    for (Map.Entry<List<String>, List<String>> files : byHeader().entrySet()) {
      Dataset<Row> some = read(files.getKey(), files.getValue());
      rows = rows == null ? some : rows.unionByName(some, true);
    }
    if (rows == null) {
      throw new AncestralException(
          ErrorCode.DATA, input + " has no header and no rows; name files that have some");
    }
    TextColumns.Found found = texts.look(rows);
    if (input.option("mode") == null && found.hasValue(CORRUPT)) {
      throw corrupt(rows);
    }
    return texts.typed(rows, found).drop(CORRUPT);
  }

  /** The rows of the files that appear in the folder, with the types of those that are there. */
  Dataset<Row> stream() {
    List<String> header =
        byHeader().keySet().stream()
            .findFirst()
            .orElseThrow(
                () ->
                    new AncestralException(
                        ErrorCode.DATA,
                        input
                            + " has no file with a header yet, by which the columns of the stream"
                            + " could be known; put one there"));
    Dataset<Row> present = read(header, input.paths()).drop(CORRUPT);
    Dataset<Row> rows =
        session
            .readStream()
            .format(input.format())
            .options(input.options())
            .option("enforceSchema", "false")
            .option("mode", "FAILFAST")
            .schema(schema(header))
            .load(input.onlyPath());
    return texts.typed(rows, texts.look(present));
  }

  private static StructType schema(List<String> header) {
    StructType schema = new StructType();
    for (String name : header) {
      schema = schema.add(name, DataTypes.StringType);
    }
    return schema;
  }

  private Dataset<Row> read(List<String> header, List<String> files) {
    return session
        .read()
        .format(input.format())
        .options(input.options())
        .option("columnNameOfCorruptRecord", CORRUPT)
        .schema(schema(header).add(CORRUPT, DataTypes.StringType))
        .load(files.toArray(String[]::new));
  }

  /** The files by their headers; one entry with the inputs as they are where all have the same. */
  private Map<List<String>, List<String>> byHeader() {
    if (!Boolean.parseBoolean(input.option("header"))) {
      return Map.of(List.of(input.plain(session).schema().fieldNames()), input.paths());
    }
    RowInput listing = new RowInput(input.paths(), "text", listingOptions(), "", "");
    List<String> files = List.of(listing.plain(session).inputFiles());
    Storage storage = new Storage(session.sparkContext().hadoopConfiguration());
    CsvHeader reader = CsvHeader.of(input);
    // Sorted by file: the order of the columns is that of the first.
    List<String> headers =
        JavaSparkContext.fromSparkContext(session.sparkContext())
            .parallelize(files.stream().sorted().toList(), Math.max(1, tasks(files)))
            .map(file -> file + SEPARATOR + String.join(SEPARATOR, reader.names(storage, file)))
            .collect();
    Map<List<String>, List<String>> byHeader = new LinkedHashMap<>();
    for (String packed : headers) {
      List<String> parts = List.of(packed.split(SEPARATOR, -1));
      // A file without a header, and so without rows, has one part that is empty.
      if (!parts.get(1).isEmpty()) {
        byHeader
            .computeIfAbsent(parts.subList(1, parts.size()), names -> new ArrayList<>())
            .add(parts.get(0));
      }
    }
    // As they are, partitions of a table keep the columns that the names of folders tell.
    byHeader.replaceAll((names, some) -> some.size() == files.size() ? input.paths() : some);
    return byHeader;
  }

  private static int tasks(List<String> files) {
    return Math.min(files.size(), MOST_TASKS);
  }

  private Map<String, String> listingOptions() {
    return input.options().entrySet().stream()
        .filter(
            option ->
                option
                    .getKey()
                    .matches("(?i)pathGlobFilter|recursiveFileLookup|modified(Before|After)"))
        .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
  }

  /** What is told of a row that has another number of fields. */
  private static AncestralException corrupt(Dataset<Row> rows) {
    String file = "__file";
    // All columns are read: a row of which some are not looked at would not be seen to be wrong.
    Row row =
        rows.withColumn(file, functions.input_file_name())
            .javaRDD()
            .filter(some -> some.getAs(CORRUPT) != null)
            .take(1)
            .get(0);
    return new AncestralException(
        ErrorCode.DATA,
        row.getAs(file)
            + " has a row with another number of fields than the header: "
            + RowMessages.quoted(row.getAs(CORRUPT))
            + "; mend it (a delimiter within a field needs quotes), name the delimiter (option"
            + " delimiter=...), or allow line breaks within quotes (option multiLine=true)");
  }
}
