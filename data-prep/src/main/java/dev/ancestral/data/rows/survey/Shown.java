package dev.ancestral.data.rows.survey;

import dev.ancestral.data.rows.SqlTypes;
import dev.ancestral.schema.ColumnType;
import dev.ancestral.schema.RowColumn;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DecimalType;

/** Values of columns as the user reads them. */
final class Shown {
  private static final int LONGEST = 40;
  private static final long MILLI = 1000;

  private Shown() {}

  /** A whole number of a column: a number, a date or a time. */
  static String of(RowColumn column, long value) {
    return switch (column.kind()) {
      case DATE -> LocalDate.ofEpochDay(value).toString();
      case TIMESTAMP -> {
        Instant instant = Instant.EPOCH.plus(value, ChronoUnit.MICROS);
        yield SqlTypes.parse(column.sqlType()).equals(DataTypes.TimestampNTZType)
            ? LocalDateTime.ofInstant(instant, ZoneOffset.UTC).toString()
            : instant.toString();
      }
      default -> {
        DataType type = SqlTypes.parse(column.sqlType());
        yield type instanceof DecimalType decimal
            ? BigDecimal.valueOf(value, decimal.scale()).toPlainString()
            : Long.toString(value);
      }
    };
  }

  /** The step of a column of times. */
  static String step(RowColumn column) {
    long step = ((ColumnType.Whole) column.type()).step();
    return switch (column.kind()) {
      case TIMESTAMP ->
          " by the " + (step == 1 ? "microsecond" : step == MILLI ? "millisecond" : "second");
      default -> "";
    };
  }

  static String quoted(String text) {
    return "'" + (text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text) + "'";
  }
}
