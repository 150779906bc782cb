package dev.ancestral.job.output;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.Failures;
import dev.ancestral.data.rows.SqlTypes;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Where rows go and how they are written: files of a format below a folder, or a table of the
 * catalog, by Spark's own writers.
 *
 * <p>Formats whose fields hold one value each (CSV) get lists, maps and structs as JSON text. CSV
 * has a header, and CSV and JSON keep the microseconds of timestamps, unless options say otherwise.
 *
 * @param path of the folder; empty for a table
 * @param table its name, as {@code db.name}; empty for files
 * @param format as Spark's writers name it
 * @param options of Spark's writer
 * @param partitionBy columns whose values become folders (or partitions of the table), in order
 */
public record RowOutput(
    Optional<String> path,
    Optional<String> table,
    String format,
    Map<String, String> options,
    List<String> partitionBy)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** What is written where nothing is said. */
  public static final String STANDARD_FORMAT = "parquet";

  private static final Set<String> OF_SINGLE_VALUES = Set.of("csv", "jdbc");
  private static final Set<String> OF_TEXT = Set.of("csv", "json");
  private static final Set<String> FILES = Set.of("csv", "json", "parquet", "orc", "avro");

  public RowOutput {
    options = Map.copyOf(options);
    partitionBy = List.copyOf(partitionBy);
    if (path.isPresent() == table.isPresent()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          path.isPresent()
              ? "rows go either to files (--output) or to a table (--output-table), not to both;"
                  + " leave one out"
              : "it is not said where rows go; give --output PATH or --output-table NAME");
    }
    if (format.isBlank()) {
      throw new AncestralException(
          ErrorCode.SPEC, "the format of the rows is empty; give one, such as parquet or csv");
    }
  }

  /** Files of a format. */
  public static RowOutput files(String path, String format) {
    return new RowOutput(Optional.of(path), Optional.empty(), format, Map.of(), List.of());
  }

  /** The same below another folder. */
  public RowOutput below(String folder) {
    return new RowOutput(Optional.of(folder), Optional.empty(), format, options, partitionBy);
  }

  /** Whether the files of the format can be listed, and be read one by one. */
  public boolean ofFiles() {
    return path.isPresent() && FILES.contains(format.toLowerCase(Locale.ROOT));
  }

  /** For messages: the folder, or {@code table NAME}. */
  public String place() {
    return path.orElseGet(() -> "table " + table.orElseThrow());
  }

  /** What Spark's writers and readers are told: the options given, and those of the format. */
  public Map<String, String> allOptions() {
    Map<String, String> all = new LinkedHashMap<>();
    if (OF_TEXT.contains(format.toLowerCase(Locale.ROOT))) {
      all.put("timestampFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX");
      all.put("timestampNTZFormat", "yyyy-MM-dd'T'HH:mm:ss.SSSSSS");
    }
    if (format.equalsIgnoreCase("csv")) {
      all.put("header", "true");
      all.put("escape", "\""); // A quote in quotes is doubled, as RFC 4180 says.
    }
    if (format.equalsIgnoreCase("json")) {
      all.put("ignoreNullFields", "false");
    }
    return overlaid(all, options);
  }

  /** Options with others over them; Spark does not mind the case of their names. */
  public static Map<String, String> overlaid(
      Map<String, String> options, Map<String, String> given) {
    Map<String, String> all = new LinkedHashMap<>(options);
    given.forEach(
        (name, value) -> {
          all.keySet().removeIf(name::equalsIgnoreCase);
          all.put(name, value);
        });
    return all;
  }

  /**
   * Checks that rows of these columns can be written so.
   *
   * @throws AncestralException (SPEC) if they are to be divided by a column that they do not have
   */
  public void requireColumns(StructType columns) {
    for (String name : partitionBy) {
      if (!List.of(columns.fieldNames()).contains(name)) {
        throw new AncestralException(
            ErrorCode.SPEC,
            "rows are to be divided by column '"
                + name
                + "' (--partition-by), which they do not have; they have "
                + String.join(", ", columns.fieldNames()));
      }
    }
  }

  /**
   * Adds files to the folder.
   *
   * @throws AncestralException as {@link #refusing}
   */
  public void write(Dataset<Row> rows) {
    requireColumns(rows.schema());
    refusing(
        () ->
            writable(rows)
                .write()
                .format(format)
                .options(allOptions())
                .partitionBy(partitionBy.toArray(String[]::new))
                .mode(SaveMode.Append)
                .save(path.orElseThrow()));
  }

  /** What writes, by Spark, which throws checked exceptions that it does not declare. */
  @FunctionalInterface
  public interface Writing {
    void run() throws Exception;
  }

  /**
   * Runs what writes the rows.
   *
   * @throws AncestralException (CLUSTER) if Spark knows no such format; (SPEC) if it cannot write
   *     these rows so
   */
  public void refusing(Writing writing) {
    try {
      writing.run();
    } catch (Exception e) {
      throw refusal(e);
    }
  }

  private RuntimeException refusal(Exception failure) {
    Optional<AncestralException> own = Failures.refusal(failure);
    if (own.isPresent()) {
      return own.get();
    }
    String rows = "rows cannot be written to " + place() + " as " + format + ": ";
    String said = Failures.firstLine(failure.getMessage());
    if (Failures.find(failure, ClassNotFoundException.class).isPresent()
        || said.contains("Failed to find data source")) {
      return new AncestralException(
          ErrorCode.CLUSTER,
          rows + said + " Give another format, or bring its jar by --packages or --jars",
          failure);
    }
    if (failure instanceof AnalysisException) {
      return new AncestralException(
          ErrorCode.SPEC,
          rows + said + "; mend the format, its options or Spark's settings for it",
          failure);
    }
    return failure instanceof RuntimeException runtime
        ? runtime
        : new IllegalStateException(failure);
  }

  /** The rows with columns that the format can hold. */
  public Dataset<Row> writable(Dataset<Row> rows) {
    if (!OF_SINGLE_VALUES.contains(format.toLowerCase(Locale.ROOT))) {
      return rows;
    }
    List<Column> columns = new ArrayList<>();
    for (StructField field : rows.schema().fields()) {
      Column column = functions.col(SqlTypes.quoted(field.name()));
      columns.add(isNested(field.dataType()) ? functions.to_json(column).as(field.name()) : column);
    }
    return rows.select(columns.toArray(Column[]::new));
  }

  private static boolean isNested(DataType type) {
    return type instanceof ArrayType || type instanceof MapType || type instanceof StructType;
  }
}
