package dev.ancestral.data.rows;

import dev.ancestral.schema.ColumnKind;
import java.io.Serializable;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;

/**
 * What values of a column are converted to.
 *
 * @param kind of the column: text, whole number, real number, days or microseconds
 * @param type that the column has in tables
 * @param places of a decimal that is a whole number in units of its last place; else 0
 */
public record ValueTarget(ColumnKind kind, DataType type, int places) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Of a column of a schema. */
  public static ValueTarget of(ColumnKind kind, String sqlType) {
    DataType type = SqlTypes.parse(sqlType);
    return new ValueTarget(
        kind,
        type,
        kind == ColumnKind.INTEGER && type instanceof DecimalType decimal ? decimal.scale() : 0);
  }

  /** Whether a category stands for whole numbers, so that 1.0 is written as 1. */
  public boolean isWhole() {
    return SqlTypes.isWhole(type);
  }

  /** Whether timestamps have a time zone, and so name an instant. */
  public boolean isInstant() {
    return type.equals(DataTypes.TimestampType);
  }
}
