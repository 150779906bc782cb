package dev.ancestral.data.rows;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.apache.spark.ml.linalg.SQLDataTypes;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.ArrayType;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * Columns of several values: a vector of spark.ml or an array of numbers becomes {@code NAME.0},
 * {@code NAME.1}, ..., a struct {@code NAME.field}. A null becomes nulls.
 */
public final class NestedColumns {
  private static final int MOST_ELEMENTS = 1 << 16;
  // Of the struct that Spark stores a vector as, where its class is not there to read it.
  private static final List<String> VECTOR_FIELDS = List.of("type", "size", "indices", "values");

  private NestedColumns() {}

  /**
   * The rows with plain columns where that can be; others stay as they are.
   *
   * @throws AncestralException (DATA) if the arrays of a column have unlike lengths
   */
  static Dataset<Row> flattened(Dataset<Row> rows, RowInput input) {
    Dataset<Row> flat = rows;
    while (hasNested(flat.schema())) {
      flat = flat.select(columns(flat, input).toArray(Column[]::new));
    }
    return flat;
  }

  /** Those of a stream, whose arrays have the lengths that another reading of it found. */
  static Dataset<Row> flattened(Dataset<Row> rows, StructType flat) {
    if (!hasNested(rows.schema())) {
      return rows;
    }
    List<Column> columns = new ArrayList<>();
    for (String name : flat.fieldNames()) {
      columns.add(named(rows.schema(), name));
    }
    return rows.select(columns.toArray(Column[]::new));
  }

  /**
   * Columns by the names that flattening gives them, which a model learned from; a name that is not
   * there is left out. An array of another length than the names say ends the query that meets it.
   */
  public static List<Column> named(StructType schema, List<String> flatNames) {
    List<Column> columns = new ArrayList<>();
    for (String name : flatNames) {
      for (StructField field : schema.fields()) {
        if (name.equals(field.name())) {
          columns.add(functions.col(SqlTypes.quoted(name)));
          break;
        }
        if (name.startsWith(field.name() + ".") && isNested(field.dataType())) {
          columns.add(
              within(
                      functions.col(SqlTypes.quoted(field.name())),
                      field.dataType(),
                      name.substring(field.name().length() + 1),
                      siblings(name, flatNames))
                  .as(name));
          break;
        }
      }
    }
    return columns;
  }

  /** How many names differ from one in what is behind the last dot alone. */
  private static int siblings(String name, List<String> names) {
    String before = name.substring(0, name.lastIndexOf('.') + 1);
    return (int)
        names.stream()
            .filter(other -> other.lastIndexOf('.') + 1 == before.length())
            .filter(other -> other.startsWith(before))
            .count();
  }

  private static Column named(StructType schema, String flatName) {
    for (StructField field : schema.fields()) {
      Column column = functions.col(SqlTypes.quoted(field.name()));
      if (field.name().equals(flatName)) {
        return column;
      }
      if (flatName.startsWith(field.name() + ".") && isNested(field.dataType())) {
        String rest = flatName.substring(field.name().length() + 1);
        return within(column, field.dataType(), rest, 0).as(flatName);
      }
    }
    return functions.col(SqlTypes.quoted(flatName));
  }

  /**
   * What a path leads to.
   *
   * @param length that an array must have; 0 for any
   */
  private static Column within(Column column, DataType type, String path, int length) {
    if (type instanceof StructType struct && !isStoredVector(struct)) {
      for (StructField field : struct.fields()) {
        if (path.equals(field.name())) {
          return column.getField(field.name());
        }
        if (path.startsWith(field.name() + ".")) {
          return within(
              column.getField(field.name()),
              field.dataType(),
              path.substring(field.name().length() + 1),
              length);
        }
      }
    }
    Column array = array(column, type);
    Column element = array.getItem(Integer.parseInt(path));
    return length == 0
        ? element
        : functions
            .when(array.isNull().or(functions.size(array).equalTo(length)), element)
            .otherwise(
                functions.raise_error(
                    functions.concat(
                        functions.lit("an array has "),
                        functions.size(array),
                        functions.lit(
                            " elements, and the model learned from arrays of "
                                + length
                                + "; give rows with such arrays"))));
  }

  private static boolean hasNested(StructType schema) {
    for (StructField field : schema.fields()) {
      if (isNested(field.dataType())) {
        return true;
      }
    }
    return false;
  }

  private static boolean isNested(DataType type) {
    return type instanceof StructType || isArray(type);
  }

  private static boolean isArray(DataType type) {
    return type.equals(SQLDataTypes.VectorType())
        || (type instanceof ArrayType array
            && (SqlTypes.isNumber(array.elementType())
                || array.elementType() instanceof BooleanType));
  }

  private static boolean isStoredVector(StructType type) {
    return List.of(type.fieldNames()).equals(VECTOR_FIELDS);
  }

  private static List<Column> columns(Dataset<Row> rows, RowInput input) {
    List<Column> columns = new ArrayList<>();
    for (StructField field : rows.schema().fields()) {
      Column column = functions.col(SqlTypes.quoted(field.name()));
      if (field.dataType() instanceof StructType struct && !isStoredVector(struct)) {
        for (StructField inner : struct.fields()) {
          columns.add(column.getField(inner.name()).as(field.name() + "." + inner.name()));
        }
      } else if (isNested(field.dataType())) {
        Column array = array(column, field.dataType());
        int length = length(rows, array, field.name(), input);
        for (int i = 0; i < length; i++) {
          columns.add(array.getItem(i).as(field.name() + "." + i));
        }
      } else {
        columns.add(column);
      }
    }
    return columns;
  }

  /** A vector or an array as an array of numbers. */
  private static Column array(Column column, DataType type) {
    if (type.equals(SQLDataTypes.VectorType())) {
      return org.apache.spark.ml.functions.vector_to_array(column, "float64");
    }
    if (!(type instanceof StructType)) {
      return column;
    }
    Column values = column.getField("values");
    Column indices = column.getField("indices");
    Column place = functions.expr("0");
    Column sparse =
        functions.transform(
            functions.sequence(place, column.getField("size").minus(1)),
            i ->
                functions
                    .when(
                        functions.array_position(indices, i).gt(0),
                        functions.element_at(
                            values,
                            functions.array_position(indices, i).cast(DataTypes.IntegerType)))
                    .otherwise(0.0));
    return functions.when(column.getField("type").equalTo(1), values).otherwise(sparse);
  }

  /** The length of all arrays of a column. */
  private static int length(Dataset<Row> rows, Column array, String name, RowInput input) {
    Column size = functions.when(array.isNotNull(), functions.size(array));
    List<Row> found =
        rows.groupBy(size.as("size")).count().filter("size is not null").collectAsList();
    List<Integer> lengths = new ArrayList<>();
    found.forEach(row -> lengths.add(row.getInt(0)));
    Collections.sort(lengths);
    if (lengths.size() > 1) {
      Row other =
          rows.filter(size.equalTo(lengths.get(1)))
              .select(functions.min(array.cast(DataTypes.StringType)))
              .first();
      throw new AncestralException(
          ErrorCode.DATA,
          input
              + ": the arrays of column '"
              + name
              + "' have from "
              + lengths.get(0)
              + " to "
              + lengths.get(lengths.size() - 1)
              + " elements, such as "
              + RowMessages.quoted(other.get(0))
              + "; they must have one length: mend them, or leave the column out (query)");
    }
    int length = lengths.isEmpty() ? 0 : lengths.get(0);
    if (length > MOST_ELEMENTS) {
      throw new AncestralException(
          ErrorCode.DATA,
          input
              + ": the arrays of column '"
              + name
              + "' have "
              + length
              + " elements; columns of a row may be "
              + MOST_ELEMENTS
              + " at most");
    }
    return length;
  }
}
