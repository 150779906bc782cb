package dev.ancestral.job.impute;

import static org.apache.spark.sql.functions.coalesce;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.countDistinct;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.row_number;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.rows.RowDecoder;
import dev.ancestral.data.rows.RowEncoder;
import dev.ancestral.data.rows.SqlTypes;
import dev.ancestral.job.model.LoadedModel;
import dev.ancestral.job.model.ModelDirectory;
import dev.ancestral.job.score.RowElements;
import dev.ancestral.model.Network;
import dev.ancestral.model.RowModel;
import dev.ancestral.tensor.Device;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.MapType;
import org.apache.spark.sql.types.StructField;

/**
 * Rows whose missing cells are filled.
 *
 * @param rows as they were
 * @param completed the rows with their keys and what was chosen
 * @param columns by name of a column of the model, its name in the rows
 * @param draws of each row
 * @param equal whether rows that are equal in all columns were numbered
 */
record FilledRows(
    Dataset<Row> rows,
    Dataset<Row> completed,
    Map<String, String> columns,
    int draws,
    boolean equal) {
  private static final String KEY = "_ancestral_key";
  private static final String SAME = "_ancestral_same";

  /** Fills cells, which is done when the rows are looked at. */
  static FilledRows of(
      ModelDirectory model,
      Dataset<Row> rows,
      RowElements elements,
      RowModel.Completion how,
      int draws,
      long seed) {
    Map<String, String> columns = matched(model, rows);
    Column missing = lit(false);
    for (String name : columns.values()) {
      DataType type = rows.schema().apply(name).dataType();
      missing = missing.or(observed(col(SqlTypes.quoted(name)), type).isNull());
    }
    Dataset<Row> keyed = rows.withColumn(KEY, xxhash64(hashed(rows).toArray(Column[]::new)));
    boolean equal = how == RowModel.Completion.DRAW && hasEqual(keyed.filter(missing));
    if (equal) {
      keyed =
          keyed
              .withColumn(
                  SAME, row_number().over(Window.partitionBy(col(KEY), missing).orderBy(lit(1))))
              .withColumn(KEY, xxhash64(col(KEY), col(SAME)))
              .drop(SAME);
    }
    RowDecoder decoder = RowDecoder.of(model.event().schema().orElseThrow());
    CompleteRows work =
        new CompleteRows(
            model, elements, decoder, keyed.schema().fieldIndex(KEY), how, draws, seed);
    Dataset<Row> completed =
        keyed.mapPartitions(
            (MapPartitionsFunction<Row, Row>) work, Encoders.row(work.after(keyed.schema())));
    return new FilledRows(rows, completed, columns, draws, equal);
  }

  static void requireConditionals(ModelDirectory model) {
    boolean exact = false;
    if (model.event().isRows()
        && !model.event().variableLength()
        && !(model.definition() instanceof Network)) {
      try (LoadedModel loaded = model.load(Device.cpu())) {
        exact = loaded.model() instanceof RowModel;
      }
    }
    if (!exact) {
      throw new AncestralException(
          ErrorCode.MISMATCH,
          "cells are filled from conditional distributions, which "
              + model.family()
              + " of "
              + model.event().describe()
              + " does not have in closed form; train naive-bayes (with components) or tree on the"
              + " rows");
    }
  }

  static void requireNoDraw(int draws, Dataset<Row> rows) {
    for (String name : rows.columns()) {
      if (draws > 1 && name.equalsIgnoreCase(CompleteRows.DRAW)) {
        throw new AncestralException(
            ErrorCode.MISMATCH,
            "the rows have a column '"
                + name
                + "', which several draws add; rename it, or leave it out (--query)");
      }
    }
  }

  private static boolean isReal(DataType type) {
    return type.equals(DataTypes.DoubleType) || type.equals(DataTypes.FloatType);
  }

  /** The column without what counts as missing beside nulls. */
  private static Column observed(Column column, DataType type) {
    return isReal(type) ? when(column.isNaN(), lit(null)).otherwise(column) : column;
  }

  static Column chosen(String name) {
    return col(CompleteRows.CHOSEN).getField(name);
  }

  /** The name in the rows of each column of the model. */
  private static Map<String, String> matched(ModelDirectory model, Dataset<Row> rows) {
    Map<String, String> matched = new LinkedHashMap<>();
    for (String name : model.event().columnNames()) {
      matched.put(name, rows.columns()[RowEncoder.field(name, rows.schema())]);
    }
    return matched;
  }

  /** The columns in the order of their names, so that their order in the input does not count. */
  private static List<Column> hashed(Dataset<Row> rows) {
    Map<String, Column> columns = new TreeMap<>();
    for (StructField field : rows.schema().fields()) {
      if (!(field.dataType() instanceof MapType)) {
        columns.put(field.name(), col(SqlTypes.quoted(field.name())));
      }
    }
    return List.copyOf(columns.values());
  }

  private static boolean hasEqual(Dataset<Row> keyed) {
    Row counts = keyed.agg(count(lit(1)), countDistinct(col(KEY))).head();
    return counts.getLong(0) != counts.getLong(1);
  }

  /**
   * The rows with their own columns, and with more than one draw the number of the draw.
   *
   * @param from {@link #completed}, which may be observed
   */
  Dataset<Row> selected(Dataset<Row> from) {
    Map<String, String> byName = new LinkedHashMap<>();
    columns.forEach((model, name) -> byName.put(name, model));
    List<Column> selected = new ArrayList<>();
    for (StructField field : rows.schema().fields()) {
      Column own = col(SqlTypes.quoted(field.name()));
      String model = byName.get(field.name());
      selected.add(
          model == null
              ? own
              : coalesce(observed(own, field.dataType()), chosen(model).cast(field.dataType()), own)
                  .as(field.name()));
    }
    if (draws > 1) {
      selected.add(col(CompleteRows.DRAW));
    }
    return from.select(selected.toArray(Column[]::new));
  }
}
