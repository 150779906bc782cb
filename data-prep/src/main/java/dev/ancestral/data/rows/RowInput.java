package dev.ancestral.data.rows;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Storage;
import java.io.Serializable;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.DataStreamReader;
import org.apache.spark.sql.types.StructType;

/**
 * A table that Spark reads: files of any format that it knows, a table or view of its catalog, or a
 * query.
 *
 * <p>Columns have Spark's own types. Of CSV files, and of the texts of JSON lines, types are found
 * by all values, whatever file or partition they are in ({@link TextType}); an empty cell is null.
 * Files whose columns differ in order are matched by name, those with other columns have nulls
 * there, and types are widened where that loses nothing. Vectors, arrays of numbers of one length,
 * and structs are flattened to columns {@code NAME.0} and {@code NAME.field}.
 *
 * @param paths files, folders and patterns; none for a table, a query, or a format that has none
 * @param format as Spark names it; empty for the one that the endings of the files say, else
 *     Parquet
 * @param options of Spark's reader, and {@code decimalComma} and {@code nullValues} of CSV files
 * @param table name in the catalog, or empty
 * @param query in SQL, or empty; files, where there are some too, are its view {@value #VIEW}
 */
public record RowInput(
    List<String> paths, String format, Map<String, String> options, String table, String query)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** What a query calls the files that it looks at. */
  public static final String VIEW = "input";

  public RowInput {
    paths = List.copyOf(paths);
    options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
  }

  /** Files of the format that their endings say. */
  public static RowInput files(List<String> paths) {
    return new RowInput(paths, "", Map.of(), "", "");
  }

  /**
   * Reads {@code input, inputFormat, option, table} and {@code query}. What is wrong is reported to
   * the settings; the result is then of no use.
   */
  public static RowInput read(Settings settings) {
    String format = settings.text("inputFormat", "");
    String table = settings.text("table", "");
    String query = settings.text("query", "");
    boolean named = !table.isEmpty() || !query.isEmpty();
    // A query may look at files, which it calls by the name of the view.
    boolean maybeNone = named || (!format.isEmpty() && !InputFormat.isOfFiles(format));
    List<String> paths = settings.texts("input", maybeNone ? List.of() : null);
    if (!table.isEmpty() && !query.isEmpty()) {
      settings.wrong("query", query, "left out, or table is: there is one input");
    } else if (!table.isEmpty() && !(paths.isEmpty() && format.isEmpty())) {
      settings.wrong("table", table, "left out, or input and inputFormat are: there is one input");
    }
    Settings options = settings.section("option");
    Map<String, String> values = new LinkedHashMap<>();
    options.values().keySet().forEach(key -> values.put(key, options.text(key, "")));
    return new RowInput(paths, format, values, table, query);
  }

  /** Whether it is no more than its files, whose versions tell whether the data changed. */
  public boolean isOfFiles() {
    return query.isEmpty()
        && !paths.isEmpty()
        && (format.isEmpty() || InputFormat.isOfFiles(format));
  }

  /**
   * The rows, which are read when they are needed; types of texts, lengths of arrays and columns of
   * files are found now.
   *
   * @throws AncestralException (DATA) if there is no such input, or it is damaged or unfit;
   *     (CLUSTER) if the format is not on the class path
   */
  public Dataset<Row> load(SparkSession session) {
    return refusing(() -> NestedColumns.flattened(rows(session), this));
  }

  private Dataset<Row> rows(SparkSession session) {
    if (!query.isEmpty()) {
      return paths.isEmpty() && format.isEmpty() ? session.sql(query) : queried(session);
    }
    if (!table.isEmpty()) {
      return session.table(table);
    }
    RowInput located = located(session);
    return switch (located.format()) {
      case "csv" -> new CsvInput(session, located).load();
      case "json" -> TextColumns.ofJson(located, session);
      case "parquet", "orc" -> new MergedFiles(session, located).load();
      default -> located.plain(session);
    };
  }

  /** What a query makes of files, which it sees as the view {@value #VIEW}. */
  private Dataset<Row> queried(SparkSession session) {
    // Views of a session of its own: another input of the program has the same name.
    SparkSession own = session.newSession();
    new RowInput(paths, format, options, "", "").rows(own).createOrReplaceTempView(VIEW);
    return own.sql(query);
  }

  /** With Spark's reader as it is. */
  Dataset<Row> plain(SparkSession session) {
    var reader = session.read().format(format).options(options);
    return paths.isEmpty() ? reader.load() : reader.load(paths.toArray(String[]::new));
  }

  /** The same rows read by Spark from other files. */
  RowInput of(List<String> files) {
    return new RowInput(files, format, options, table, query);
  }

  /** The same with further options, which hold where there are no such ones. */
  RowInput with(Map<String, String> defaults) {
    Map<String, String> all = new LinkedHashMap<>(options);
    defaults.forEach(
        (key, value) -> {
          if (option(key) == null) {
            all.put(key, value);
          }
        });
    return new RowInput(paths, format, all, table, query);
  }

  /** An option, whose name has no case; null if it is not given. */
  String option(String name) {
    return options.entrySet().stream()
        .filter(entry -> entry.getKey().equalsIgnoreCase(name))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(null);
  }

  /** The same with paths as Spark takes them, and the format that they say. */
  private RowInput located(SparkSession session) {
    Storage storage = new Storage(session.sparkContext().hadoopConfiguration());
    List<String> located = paths.stream().map(path -> storage.path(path).toString()).toList();
    RowInput at = new RowInput(located, format, options, table, query);
    return format.isEmpty() ? InputFormat.found(storage, at) : at;
  }

  /**
   * The rows as they come, for a streaming query: of files that appear in the folders, or of the
   * table. The columns and types are those that {@link #load} finds now.
   *
   * @throws AncestralException as {@link #load}; (SPEC) for a query, which is not read as a stream
   */
  public Dataset<Row> stream(SparkSession session) {
    return refusing(() -> streamed(session));
  }

  private Dataset<Row> streamed(SparkSession session) {
    if (!query.isEmpty()) {
      throw new AncestralException(
          ErrorCode.SPEC, "query is not read as a stream; name a folder or a table");
    }
    DataStreamReader reader = session.readStream().options(options);
    if (!table.isEmpty()) {
      return reader.table(table);
    }
    RowInput located = located(session);
    if (located.format().equals("csv")) {
      return new CsvInput(session, located).stream();
    }
    DataStreamReader formatted = session.readStream().format(located.format()).options(options);
    if (InputFormat.isOfFiles(located.format())) {
      StructType schema = located.plain(session).schema();
      formatted = formatted.schema(schema);
    }
    Dataset<Row> rows =
        located.paths().isEmpty() ? formatted.load() : formatted.load(located.onlyPath());
    return NestedColumns.flattened(rows, load(session).schema());
  }

  /** The one folder of a stream. */
  String onlyPath() {
    if (paths.size() != 1) {
      throw new AncestralException(
          ErrorCode.SPEC, "input is " + paths + "; a stream is read from one folder");
    }
    return paths.get(0);
  }

  /** What is read, for messages. */
  @Override
  public String toString() {
    if (!query.isEmpty()) {
      return "query "
          + RowMessages.quoted(query)
          + (paths.isEmpty() ? "" : " of " + RowMessages.abbreviated(paths));
    }
    if (!table.isEmpty()) {
      return "table " + table;
    }
    return (format.isEmpty() ? "" : format + " ")
        + (paths.isEmpty() ? "source" : RowMessages.abbreviated(paths));
  }

  private interface Reading {
    Dataset<Row> rows() throws AnalysisException;
  }

  private Dataset<Row> refusing(Reading reading) {
    try {
      return reading.rows();
    } catch (AncestralException e) {
      throw e;
    } catch (Exception e) { // Spark throws checked exceptions that it does not declare.
      throw InputFailure.of(this, e);
    }
  }
}
