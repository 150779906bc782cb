package dev.ancestral.data.rows;

import dev.ancestral.schema.RowColumn;
import dev.ancestral.schema.RowSchema;
import java.io.Serializable;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StructType;

/**
 * Makes rows of a table of the elements that stand for them: with the names and types that the
 * columns have in the table that the schema was made of.
 *
 * <p>A text that is not in a vocabulary is {@code other} where the column is a string, else null.
 */
public final class RowDecoder implements Serializable {
  private static final long serialVersionUID = 1L;

  private final RowSchema schema;
  private final StructType type;
  private final boolean javaTime;

  private RowDecoder(RowSchema schema, StructType type, boolean javaTime) {
    this.schema = schema;
    this.type = type;
    this.javaTime = javaTime;
  }

  /** The decoder of elements of a schema; called on the driver, where the session is. */
  public static RowDecoder of(RowSchema schema) {
    StructType type = new StructType();
    for (RowColumn column : schema.columns()) {
      type = type.add(column.name(), SqlTypes.parse(column.sqlType()), true);
    }
    return new RowDecoder(schema, type, javaTime());
  }

  private static boolean javaTime() {
    try {
      return Boolean.parseBoolean(
          SparkSession.active().conf().get("spark.sql.datetime.java8API.enabled", "false"));
    } catch (IllegalStateException e) { // There is no session, so there is no table to be made.
      return false;
    }
  }

  /** The columns of the rows; all of them may be null. */
  public StructType type() {
    return type;
  }

  /**
   * A row of {@link #type}.
   *
   * @param values elements, {@link RowSchema#size} of them from {@code at} on
   */
  public Row decode(float[] values, int at) {
    Object[] cells = new Object[schema.columns().size()];
    for (int c = 0; c < cells.length; c++) {
      RowColumn column = schema.columns().get(c);
      Object value = column.decode(values, at + schema.begin(c));
      DataType cellType = type.apply(c).dataType();
      cells[c] =
          value == null
              ? null
              : switch (column.kind()) {
                case CATEGORY -> parsed((String) value, cellType);
                case INTEGER -> whole((Long) value, cellType);
                case REAL -> real((Double) value, cellType);
                case DATE -> Times.date(LocalDate.ofEpochDay((Long) value), javaTime);
                case TIMESTAMP ->
                    cellType.equals(DataTypes.TimestampNTZType)
                        ? Times.local((Long) value)
                        : Times.timestamp((Long) value, javaTime);
              };
    }
    return RowFactory.create(cells);
  }

  private static Object whole(long value, DataType type) {
    if (type instanceof DecimalType decimal) {
      return BigDecimal.valueOf(value, decimal.scale());
    }
    return number(BigDecimal.valueOf(value), type);
  }

  private static Object real(double value, DataType type) {
    if (type instanceof FloatType) {
      return (float) value;
    }
    return type.equals(DataTypes.DoubleType) ? value : number(BigDecimal.valueOf(value), type);
  }

  /** A number as a column of numbers holds it, rounded where it has to be. */
  private static Object number(BigDecimal value, DataType type) {
    BigDecimal whole = value.setScale(0, RoundingMode.HALF_EVEN);
    if (type instanceof ByteType) {
      return whole.byteValue();
    }
    if (type instanceof ShortType) {
      return whole.shortValue();
    }
    if (type instanceof IntegerType) {
      return whole.intValue();
    }
    if (type instanceof LongType) {
      return whole.longValue();
    }
    if (type instanceof DecimalType decimal) {
      return value.setScale(decimal.scale(), RoundingMode.HALF_EVEN);
    }
    if (type instanceof FloatType) {
      return value.floatValue();
    }
    return type.equals(DataTypes.DoubleType) ? value.doubleValue() : (Object) value.toPlainString();
  }

  private Object parsed(String text, DataType type) {
    try {
      if (type instanceof BooleanType) {
        return Boolean.valueOf(text);
      }
      if (SqlTypes.isNumber(type)) {
        return number(new BigDecimal(text), type);
      }
      if (type instanceof DateType) {
        return Times.date(LocalDate.parse(text), javaTime);
      }
      if (type.equals(DataTypes.TimestampType)) {
        return Times.timestamp(Times.micros(Instant.parse(text)), javaTime);
      }
      return type.equals(DataTypes.TimestampNTZType) ? LocalDateTime.parse(text) : (Object) text;
    } catch (NumberFormatException | java.time.DateTimeException e) {
      return null; // Of texts that are not in the vocabulary.
    }
  }
}
