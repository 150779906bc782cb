package dev.ancestral.data.rows.survey;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.rows.SqlTypes;
import dev.ancestral.data.rows.ValueTarget;
import dev.ancestral.data.rows.Values;
import dev.ancestral.schema.ColumnKind;
import java.io.Serializable;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructField;

/**
 * A column before its values are known.
 *
 * @param kind what it becomes
 * @param sqlType that it has in tables
 * @param values converts a cell
 * @param maybeCategory whether it becomes a category if its values are few
 * @param refusedIfUnlike whether it is refused if nearly all its values differ
 */
record PlannedColumn(
    String name,
    ColumnKind kind,
    String sqlType,
    Values values,
    boolean maybeCategory,
    boolean refusedIfUnlike)
    implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int MOST_DIGITS = 18;

  /**
   * By its type, or by what is said of it.
   *
   * @param said {@code category}, ..., or null
   * @param zoned whether texts that are to be timestamps name a time zone
   * @throws AncestralException (DATA) if its type has no values to be modelled, (SPEC) if it cannot
   *     become what is said of it
   */
  static PlannedColumn of(StructField field, String said, boolean zoned) {
    DataType type = field.dataType();
    String own = SqlTypes.text(type);
    if (said == null) {
      ColumnKind kind = kind(field);
      boolean text = type instanceof StringType;
      return planned(field, kind, own, SqlTypes.isWhole(type), text);
    }
    return switch (said) {
      case "category" -> planned(field, ColumnKind.CATEGORY, own, false, false);
      case "boolean" -> planned(field, ColumnKind.CATEGORY, "boolean", false, false);
      case "integer" ->
          planned(field, ColumnKind.INTEGER, isInteger(type) ? own : "bigint", false, false);
      case "real" ->
          planned(
              field,
              ColumnKind.REAL,
              SqlTypes.isReal(type) || type instanceof DecimalType ? own : "double",
              false,
              false);
      case "date" -> planned(field, ColumnKind.DATE, "date", false, false);
      default -> planned(field, ColumnKind.TIMESTAMP, timestamp(type, zoned), false, false);
    };
  }

  private static String timestamp(DataType type, boolean zoned) {
    boolean instant = type.equals(DataTypes.TimestampType) || zoned;
    return SqlTypes.text(instant ? DataTypes.TimestampType : DataTypes.TimestampNTZType);
  }

  private static boolean isInteger(DataType type) {
    return SqlTypes.isWhole(type)
        || (type instanceof DecimalType decimal && decimal.precision() <= MOST_DIGITS);
  }

  private static ColumnKind kind(StructField field) {
    DataType type = field.dataType();
    if (type instanceof StringType || type instanceof BooleanType) {
      return ColumnKind.CATEGORY;
    }
    if (isInteger(type)) {
      return ColumnKind.INTEGER;
    }
    if (SqlTypes.isNumber(type)) {
      return ColumnKind.REAL;
    }
    if (type instanceof DateType) {
      return ColumnKind.DATE;
    }
    if (type.equals(DataTypes.TimestampType) || type.equals(DataTypes.TimestampNTZType)) {
      return ColumnKind.TIMESTAMP;
    }
    throw new AncestralException(
        ErrorCode.DATA,
        "column '"
            + field.name()
            + "' is of type "
            + SqlTypes.text(type)
            + ", whose values cannot be modelled; leave it out (drop), carry it (key), or convert"
            + " it (query)");
  }

  private static PlannedColumn planned(
      StructField field,
      ColumnKind kind,
      String sqlType,
      boolean maybeCategory,
      boolean refusedIfUnlike) {
    Values values =
        Values.of(field.name(), ValueTarget.of(kind, sqlType), field.dataType())
            .orElseThrow(
                () ->
                    new AncestralException(
                        ErrorCode.SPEC,
                        "column '"
                            + field.name()
                            + "' is of type "
                            + SqlTypes.text(field.dataType())
                            + ", which does not become "
                            + kind.text()
                            + "; convert it before (query)"));
    return new PlannedColumn(field.name(), kind, sqlType, values, maybeCategory, refusedIfUnlike);
  }

  /** An empty summary of its values. */
  ColumnSummary summary() {
    return switch (kind) {
      case CATEGORY -> new ColumnSummary.Texts();
      case REAL -> new ColumnSummary.Reals();
      default -> new ColumnSummary.Wholes();
    };
  }
}
