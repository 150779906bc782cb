package dev.ancestral.data.rows.survey;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.Suggestion;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.rows.RowMessages;
import dev.ancestral.data.rows.SqlTypes;
import dev.ancestral.data.rows.ValueTarget;
import dev.ancestral.data.rows.Values;
import dev.ancestral.schema.ColumnKind;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * The columns of a table that something is done with: those to be modelled, then the label, then
 * all keys as one JSON object, then those that the rows of a group are ordered by.
 *
 * @param rows of these columns
 * @param modelled those to be modelled
 * @param label what values of the column of labels are as texts
 * @param keys the columns of the keys
 * @param order the columns of the order
 * @param leftOut names of the others
 */
record SelectedRows(
    Dataset<Row> rows,
    StructType modelled,
    Optional<Values> label,
    List<DatasetManifest.KeyColumn> keys,
    StructType order,
    List<String> leftOut) {
  private static final Map<String, String> JSON = Map.of("timeZone", "UTC");

  /**
   * The columns that the options name.
   *
   * @throws AncestralException (DATA) if one is not there
   */
  static SelectedRows of(Dataset<Row> rows, RowOptions options) {
    return of(rows, options, List.of());
  }

  /**
   * The columns that the options name; those of an order are modelled only if they are named.
   *
   * @throws AncestralException (DATA) if one is not there
   */
  static SelectedRows of(Dataset<Row> rows, RowOptions options, List<String> orderBy) {
    StructType table = rows.schema();
    List<String> all = List.of(table.fieldNames());
    Set<String> drop = named(all, options.drop(), "drop");
    Set<String> keys = named(all, options.keys(), "key");
    Set<String> label =
        options.label().isEmpty() ? Set.of() : named(all, List.of(options.label()), "label");
    Set<String> order = named(all, orderBy, "orderBy");
    named(all, List.copyOf(options.kinds().keySet()), "column");
    Set<String> modelled = new LinkedHashSet<>();
    List<String> leftOut = new ArrayList<>();
    for (String name :
        options.columns().isEmpty() ? all : named(all, options.columns(), "columns")) {
      boolean other = drop.contains(name) || keys.contains(name) || label.contains(name);
      if (!other && (!options.columns().isEmpty() || !order.contains(name))) {
        modelled.add(name);
      }
    }
    for (String name : all) {
      if (!modelled.contains(name)
          && !keys.contains(name)
          && !label.contains(name)
          && !order.contains(name)) {
        leftOut.add(name);
      }
    }
    if (modelled.isEmpty()) {
      throw new AncestralException(
          ErrorCode.DATA,
          "no column is left to be modelled of " + RowMessages.abbreviated(all) + "; drop fewer");
    }
    List<Column> columns = new ArrayList<>();
    StructType type = new StructType();
    for (String name : modelled) {
      columns.add(column(name));
      type = type.add(table.apply(name));
    }
    for (String name : label) {
      columns.add(column(name));
    }
    if (!keys.isEmpty()) {
      columns.add(
          functions.to_json(
              functions.struct(keys.stream().map(SelectedRows::column).toArray(Column[]::new)),
              JSON));
    }
    StructType orderType = new StructType();
    for (String name : order) {
      columns.add(column(name));
      orderType = orderType.add(table.apply(name));
    }
    return new SelectedRows(
        rows.select(columns.toArray(Column[]::new)),
        type,
        label.stream().findFirst().map(name -> labels(table.apply(name))),
        keys.stream()
            .map(
                name ->
                    new DatasetManifest.KeyColumn(
                        name, SqlTypes.text(table.apply(name).dataType())))
            .toList(),
        orderType,
        leftOut);
  }

  private static Column column(String name) {
    return functions.col(SqlTypes.quoted(name));
  }

  private static Values labels(StructField field) {
    DataType type = field.dataType();
    // 1.0 is the class 1.
    String target = SqlTypes.isNumber(type) ? "bigint" : SqlTypes.text(type);
    return Values.of(field.name(), ValueTarget.of(ColumnKind.CATEGORY, target), type)
        .orElseThrow(
            () ->
                new AncestralException(
                    ErrorCode.DATA,
                    "column '"
                        + field.name()
                        + "' is of type "
                        + SqlTypes.text(type)
                        + "; a label is a text or a number: name another"));
  }

  /** The columns of these names; that of an array or a struct stands for all it was made into. */
  private static Set<String> named(List<String> all, List<String> names, String option) {
    Set<String> found = new LinkedHashSet<>();
    for (String name : names) {
      int before = found.size();
      all.stream()
          .filter(column -> column.equals(name) || column.startsWith(name + "."))
          .forEach(found::add);
      if (found.size() == before && !found.contains(name)) {
        throw new AncestralException(
            ErrorCode.DATA,
            option
                + " names a column '"
                + name
                + "'; the table has "
                + RowMessages.abbreviated(all)
                + Suggestion.question(name, all));
      }
    }
    return found;
  }

  /** A column of the rows by its index. */
  Column column(int index) {
    return column(rows.columns()[index]);
  }

  /** Index of the label in a row. */
  int labelAt() {
    return modelled.size();
  }

  /** Index of the first column of the order in a row. */
  int orderAt() {
    return keysAt() + (keys.isEmpty() ? 0 : 1);
  }

  /** Index of the keys in a row. */
  int keysAt() {
    return modelled.size() + (label.isPresent() ? 1 : 0);
  }
}
