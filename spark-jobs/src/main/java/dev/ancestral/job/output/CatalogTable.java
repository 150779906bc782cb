package dev.ancestral.job.output;

import dev.ancestral.data.rows.SqlTypes;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SaveMode;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.StructField;
import org.apache.spark.sql.types.StructType;

/**
 * A table of Spark's catalog.
 *
 * @param name {@code table} or {@code database.table}
 */
public record CatalogTable(SparkSession session, String name) {

  /** Whether there is such a table. */
  public boolean exists() {
    return session.catalog().tableExists(name);
  }

  /** The value of a property, where the table has it. */
  public Optional<String> property(String key) {
    return session.sql("SHOW TBLPROPERTIES " + quoted()).collectAsList().stream()
        .filter(row -> row.getString(0).equals(key))
        .map(row -> row.getString(1))
        .findFirst();
  }

  /** Gives a property a value. */
  public void set(String key, String value) {
    session.sql(
        "ALTER TABLE " + quoted() + " SET TBLPROPERTIES (" + text(key) + " = " + text(value) + ")");
  }

  /**
   * Makes it, without rows. The property is there as soon as the table is, so that a command that
   * was killed knows its own table again.
   *
   * @param type its columns; each may hold nulls
   * @param output format, options, and the columns that divide it
   */
  public void create(StructType type, RowOutput output, String key, String value) {
    StringBuilder sql = new StringBuilder("CREATE TABLE ").append(quoted());
    sql.append(
        Arrays.stream(type.fields())
            .map(CatalogTable::column)
            .collect(Collectors.joining(", ", " (", ")")));
    sql.append(" USING ").append(output.format());
    Map<String, String> options = output.allOptions();
    if (!options.isEmpty()) {
      sql.append(
          options.entrySet().stream()
              .map(option -> text(option.getKey()) + " = " + text(option.getValue()))
              .collect(Collectors.joining(", ", " OPTIONS (", ")")));
    }
    if (!output.partitionBy().isEmpty()) {
      sql.append(
          output.partitionBy().stream()
              .map(SqlTypes::quoted)
              .collect(Collectors.joining(", ", " PARTITIONED BY (", ")")));
    }
    sql.append(" TBLPROPERTIES (").append(text(key)).append(" = ").append(text(value)).append(")");
    session.sql(sql.toString());
  }

  /** Removes it. */
  public void drop() {
    session.sql("DROP TABLE " + quoted());
  }

  /** Fills it with rows in the place of those that it has; columns are matched by their names. */
  public void fill(Dataset<Row> rows) {
    // Spark inserts by position, and a table has the columns that divide it behind the others.
    Column[] columns =
        Arrays.stream(session.table(quoted()).columns())
            .map(column -> functions.col(SqlTypes.quoted(column)))
            .toArray(Column[]::new);
    rows.select(columns).write().mode(SaveMode.Overwrite).insertInto(quoted());
  }

  private static String column(StructField field) {
    return SqlTypes.quoted(field.name()) + " " + field.dataType().sql();
  }

  private static String text(String value) {
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
  }

  /** The name for SQL: each of its parts in quotes, unless it has some. */
  public String quoted() {
    return name.contains("`")
        ? name
        : Arrays.stream(name.split("\\.")).map(SqlTypes::quoted).collect(Collectors.joining("."));
  }
}
