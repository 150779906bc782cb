package dev.ancestral.data.source;

import dev.ancestral.Refusal;
import dev.ancestral.data.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.fs.Path;
import org.apache.parquet.ParquetRuntimeException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.NumericType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Rows of Parquet files, or of CSV files with a header: numeric columns, and lists of numbers of
 * one length, become the elements of a vector.
 *
 * <p>Elements are discrete if all of them are whole numbers from 0 to 65,535 in columns of whole
 * numbers (true and false count as 1 and 0); else they are real numbers. Where elements may be
 * missing and levels are declared, whole numbers in columns of real numbers do too: a column that
 * holds gaps is often one of real numbers for that alone.
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
  static final String FILE = "__file";
  static final String BLOCK = "__block";
  static final String CORRUPT = "__corrupt";
  private static final byte[] PARQUET_MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);

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
    // Unescaped, as Spark takes them.
    List<String> files = context.files().map(file -> file.path().toString()).collect();
    try {
      return survey(context, files);
    } catch (Exception e) { // Spark throws checked exceptions that it does not declare
      throw unreadable(e);
    }
  }

  private Survey survey(SourceContext context, List<String> files) {
    boolean parquet = isParquet(context.storage(), files.get(0));
    Dataset<Row> table = parquet ? parquet(context, files) : csv(context, files);
    List<String> chosen = chosen(table.schema(), parquet, files.get(0));
    List<Column> selected = new ArrayList<>();
    chosen.forEach(name -> selected.add(functions.col("`" + name + "`")));
    if (!label.isEmpty()) {
      selected.add(functions.col("`" + label + "`"));
    }
    if (!parquet) {
      selected.add(functions.col(CORRUPT));
    }
    selected.add(functions.col("_metadata.file_path").as(FILE));
    selected.add(functions.col("_metadata.file_block_start").as(BLOCK));
    return TableSurvey.of(
        new TableColumns(chosen, label, !parquet, missing, missing && levels > 0),
        this,
        order(files),
        table.select(selected.toArray(Column[]::new)).javaRDD());
  }

  private RuntimeException unreadable(Exception e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof Refusal refusal) {
        return refusal;
      }
      boolean damaged =
          cause instanceof IOException
              || cause instanceof ParquetRuntimeException
              || cause instanceof IllegalArgumentException
              || String.valueOf(cause.getMessage()).contains("is not a Parquet file");
      if (damaged && cause.getCause() == null) {
        return new Refusal(
            Refusal.Kind.DATA, "the " + this + " cannot be read: " + cause.getMessage(), e);
      }
    }
    return e instanceof RuntimeException runtime ? runtime : new IllegalStateException(e);
  }

  /** Files by the name that Spark gives them in a row. */
  private static Map<String, Integer> order(List<String> files) {
    Map<String, Integer> order = new LinkedHashMap<>();
    for (String file : files) {
      order.put(TableColumns.canonical(new Path(file)), order.size());
    }
    return order;
  }

  private static boolean isParquet(Storage storage, String file) {
    Path path = new Path(file);
    try (var in = storage.open(path)) {
      return Arrays.equals(PARQUET_MAGIC, in.readNBytes(PARQUET_MAGIC.length));
    } catch (IOException e) {
      throw InputBytes.refusal(path, e);
    }
  }

  /** Spark takes paths for patterns, but patterns were expanded when the files were listed. */
  private static String[] literally(List<String> files) {
    return files.stream()
        .map(file -> file.replaceAll("[\\\\{}\\[\\]*?]", "\\\\$0"))
        .toArray(String[]::new);
  }

  private static Dataset<Row> parquet(SourceContext context, List<String> files) {
    return context.spark().read().parquet(literally(files));
  }

  /** Every value as text, so that a wrong one can be named with its row. */
  private static Dataset<Row> csv(SourceContext context, List<String> files) {
    StructType named =
        context.spark().read().option("header", true).csv(literally(files)[0]).schema();
    StructType schema = named.add(CORRUPT, DataTypes.StringType, true);
    return context
        .spark()
        .read()
        .schema(schema)
        .option("header", true)
        .option("enforceSchema", false)
        .option("mode", "PERMISSIVE")
        .option("columnNameOfCorruptRecord", CORRUPT)
        .option("ignoreLeadingWhiteSpace", true)
        .option("ignoreTrailingWhiteSpace", true)
        .csv(literally(files));
  }

  private List<String> chosen(StructType schema, boolean typed, String file) {
    List<String> present =
        Arrays.stream(schema.fieldNames()).filter(name -> !name.equals(CORRUPT)).toList();
    List<String> wanted =
        columns.isEmpty() ? present.stream().filter(name -> !name.equals(label)).toList() : columns;
    List<String> needed = new ArrayList<>(wanted);
    if (!label.isEmpty()) {
      needed.add(label);
    }
    for (String name : needed) {
      if (!present.contains(name)) {
        throw new Refusal(
            Refusal.Kind.DATA,
            file + " has no column '" + name + "'; it has " + present + ": name some of these");
      }
    }
    List<String> chosen = new ArrayList<>();
    for (String name : wanted) {
      DataType type = schema.apply(name).dataType();
      if (!typed || isNumeric(type)) {
        chosen.add(name);
      } else if (!columns.isEmpty()) {
        throw new Refusal(
            Refusal.Kind.DATA,
            file
                + ": column '"
                + name
                + "' is of type "
                + type.simpleString()
                + "; elements are numbers or lists of numbers");
      }
    }
    if (chosen.isEmpty()) {
      throw new Refusal(
          Refusal.Kind.DATA,
          file
              + " has no column of numbers among "
              + Arrays.stream(schema.fields()).map(StructField::toString).toList());
    }
    return chosen;
  }

  private static boolean isNumeric(DataType type) {
    DataType element = type instanceof ArrayType array ? array.elementType() : type;
    return element instanceof NumericType || element instanceof BooleanType;
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
}
