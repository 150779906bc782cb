package dev.ancestral.data.rows;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.util.Set;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;

/** Types of columns of tables, and how they are written. */
public final class SqlTypes {
  private static final Set<DataType> REAL = Set.of(DataTypes.FloatType, DataTypes.DoubleType);

  private SqlTypes() {}

  /** The type that is written so: {@code decimal(10,2)}. */
  public static DataType parse(String sqlType) {
    try {
      return DataType.fromDDL(sqlType);
    } catch (Exception e) { // Spark throws checked exceptions that it does not declare.
      throw new AncestralException(
          ErrorCode.DATA, "'" + sqlType + "' is no type of a column; restore the file", e);
    }
  }

  /** How a type is written. */
  public static String text(DataType type) {
    return type.catalogString();
  }

  public static boolean isWhole(DataType type) {
    return type instanceof ByteType
        || type instanceof ShortType
        || type instanceof IntegerType
        || type instanceof LongType;
  }

  public static boolean isReal(DataType type) {
    return REAL.contains(type);
  }

  public static boolean isNumber(DataType type) {
    return isWhole(type) || isReal(type) || type instanceof DecimalType;
  }

  /** Quoted for SQL, whatever is in it. */
  public static String quoted(String name) {
    return "`" + name.replace("`", "``") + "`";
  }
}
