package dev.ancestral.data.rows;

import dev.ancestral.Refusal;
import java.util.Set;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;

/** Types of columns of tables, and how they are written. */
final class SqlTypes {
  private static final Set<DataType> REAL = Set.of(DataTypes.FloatType, DataTypes.DoubleType);

  private SqlTypes() {}

  /** The type that is written so: {@code decimal(10,2)}. */
  static DataType parse(String sqlType) {
    try {
      return DataType.fromDDL(sqlType);
    } catch (Exception e) { // Spark throws checked exceptions that it does not declare.
      throw new Refusal(
          Refusal.Kind.DATA, "'" + sqlType + "' is no type of a column; restore the file", e);
    }
  }

  /** How a type is written. */
  static String text(DataType type) {
    return type.catalogString();
  }

  static boolean isWhole(DataType type) {
    return type instanceof ByteType
        || type instanceof ShortType
        || type instanceof IntegerType
        || type instanceof LongType;
  }

  static boolean isReal(DataType type) {
    return REAL.contains(type);
  }

  static boolean isNumber(DataType type) {
    return isWhole(type) || isReal(type) || type instanceof DecimalType;
  }

  /** Quoted for SQL, whatever is in it. */
  static String quoted(String name) {
    return "`" + name.replace("`", "``") + "`";
  }
}
