package dev.ancestral.data.rows;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Files that bring their schema along, Parquet and ORC: Spark merges unlike ones where they differ
 * in which columns there are; where one column has several types, it gets the narrowest that holds
 * the values of all.
 */
final class MergedFiles {
  private static final int MOST_FILES = 10_000;
  private static final int MOST_DIGITS = 38;
  private static final List<DataType> WHOLE =
      List.of(DataTypes.ByteType, DataTypes.ShortType, DataTypes.IntegerType, DataTypes.LongType);
  private static final int[] DIGITS = {3, 5, 10, 19};

  private final SparkSession session;
  private final RowInput input;

  MergedFiles(SparkSession session, RowInput located) {
    this.session = session;
    input = located.with(Map.of("mergeSchema", "true"));
  }

  Dataset<Row> load() {
    try {
      return input.plain(session);
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception unlike) { // Spark's AnalysisException, which it does not declare
      return widened(unlike);
    }
  }

  /** Files by files' schemas, and each column in the type that all of them fit. */
  private Dataset<Row> widened(Exception unlike) {
    RowInput alone = new RowInput(input.paths(), input.format(), Map.of(), "", "");
    List<String> files = Arrays.asList(listed());
    if (files.size() > MOST_FILES) {
      throw InputFailure.of(input, unlike);
    }
    Map<StructType, List<String>> bySchema = new LinkedHashMap<>();
    for (String file : files.stream().sorted().toList()) {
      StructType schema = alone.of(List.of(file)).plain(session).schema();
      bySchema.computeIfAbsent(schema, s -> new ArrayList<>()).add(file);
    }
    if (bySchema.size() < 2) {
      throw InputFailure.of(input, unlike);
    }
    Map<String, Typed> types = new LinkedHashMap<>();
    bySchema.forEach(
        (schema, some) -> {
          for (StructField field : schema.fields()) {
            Typed here = new Typed(field.dataType(), some.get(0));
            types.merge(field.name(), here, (one, other) -> wider(field.name(), one, other));
          }
        });
    Dataset<Row> rows = null;
    for (Map.Entry<StructType, List<String>> some : bySchema.entrySet()) {
      Dataset<Row> read = input.of(some.getValue()).plain(session);
      Column[] columns =
          Arrays.stream(read.schema().fields())
              .map(field -> cast(field, types.get(field.name()).type()))
              .toArray(Column[]::new);
      Dataset<Row> cast = read.select(columns);
      rows = rows == null ? cast : rows.unionByName(cast, true);
    }
    return rows;
  }

  private String[] listed() {
    return new RowInput(input.paths(), "text", Map.of(), "", "").plain(session).inputFiles();
  }

  /** A type, and a file that has it. */
  private record Typed(DataType type, String file) {}

  private static Typed wider(String name, Typed one, Typed other) {
    if (one.type().equals(other.type())) {
      return one;
    }
    DataType type = wider(one.type(), other.type());
    if (type == null) {
      throw new AncestralException(
          ErrorCode.DATA,
          "column '"
              + name
              + "' is of type "
              + one.type().catalogString()
              + " in "
              + one.file()
              + " and of type "
              + other.type().catalogString()
              + " in "
              + other.file()
              + ", and no type holds the values of both; convert one of them, or prepare the files"
              + " apart");
    }
    return new Typed(type, type.equals(one.type()) ? one.file() : other.file());
  }

  /** The narrowest type that holds the values of both; null if there is none. */
  static DataType wider(DataType one, DataType other) {
    if (SqlTypes.isReal(one) && SqlTypes.isReal(other)) {
      return DataTypes.DoubleType;
    }
    if (SqlTypes.isReal(one) || SqlTypes.isReal(other)) {
      // Whole numbers of 64 bits are looked at one by one.
      return SqlTypes.isWhole(SqlTypes.isReal(one) ? other : one) ? DataTypes.DoubleType : null;
    }
    if (SqlTypes.isWhole(one) && SqlTypes.isWhole(other)) {
      return WHOLE.get(Math.max(WHOLE.indexOf(one), WHOLE.indexOf(other)));
    }
    if (SqlTypes.isNumber(one) && SqlTypes.isNumber(other)) {
      DecimalType a = decimal(one);
      DecimalType b = decimal(other);
      int scale = Math.max(a.scale(), b.scale());
      int digits = scale + Math.max(a.precision() - a.scale(), b.precision() - b.scale());
      return digits <= MOST_DIGITS ? DataTypes.createDecimalType(digits, scale) : null;
    }
    boolean dates =
        (one.equals(DataTypes.DateType) && other.equals(DataTypes.TimestampNTZType))
            || (other.equals(DataTypes.DateType) && one.equals(DataTypes.TimestampNTZType));
    return dates ? DataTypes.TimestampNTZType : null;
  }

  private static DecimalType decimal(DataType type) {
    return type instanceof DecimalType decimal
        ? decimal
        : DataTypes.createDecimalType(DIGITS[WHOLE.indexOf(type)], 0);
  }

  private static Column cast(StructField field, DataType to) {
    Column column = functions.col(SqlTypes.quoted(field.name()));
    if (field.dataType().equals(DataTypes.LongType) && SqlTypes.isReal(to)) {
      Column real = column.cast(to);
      Column wrong =
          functions.raise_error(
              functions.concat(
                  functions.lit("column '" + field.name() + "' has the value "),
                  column.cast(DataTypes.StringType),
                  functions.lit(
                      ", which float64 does not hold, and is of real numbers elsewhere")));
      column =
          functions
              .when(column.isNull().or(real.cast(DataTypes.LongType).equalTo(column)), real)
              .otherwise(wrong.cast(to));
    } else if (!field.dataType().equals(to)) {
      column = column.cast(to);
    }
    return column.as(field.name());
  }
}
