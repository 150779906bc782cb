package dev.ancestral.data.rows;

import dev.ancestral.data.Decimal;
import java.io.Serializable;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.DateType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.StringType;

/** Converts the values of a column of a table to those of a column of a schema. */
@FunctionalInterface
public interface Values extends Serializable {
  /** Words for true. */
  List<String> TRUE = List.of("true", "t", "yes", "y", "1");

  /** Words for false. */
  List<String> FALSE = List.of("false", "f", "no", "n", "0");

  /**
   * A {@link String}, {@link Long} or {@link Double} as the column's kind says, or null.
   *
   * @param cell as Spark gives it, not null
   * @throws dev.ancestral.AncestralException (DATA) if it has no such value; the message names
   *     column and value
   */
  Object value(Object cell);

  /** The conversion, where there is one without loss. */
  static Optional<Values> of(String name, ValueTarget target, DataType from) {
    return Optional.ofNullable(
        switch (target.kind()) {
          case CATEGORY -> texts(name, target, from);
          case INTEGER -> wholes(name, target.places(), from);
          case REAL -> reals(name, from);
          case DATE -> days(name, from);
          case TIMESTAMP -> micros(name, target.isInstant(), from);
        });
  }

  private static Values texts(String name, ValueTarget target, DataType from) {
    if (target.type() instanceof BooleanType
        && (from instanceof StringType || SqlTypes.isWhole(from))) {
      return cell -> truth(name, cell);
    }
    if (from instanceof StringType || from instanceof BooleanType || SqlTypes.isWhole(from)) {
      return String::valueOf;
    }
    if (from instanceof DecimalType) {
      boolean whole = target.isWhole();
      return cell -> text((BigDecimal) cell, whole);
    }
    if (SqlTypes.isReal(from)) {
      boolean whole = target.isWhole();
      return cell -> realText((Number) cell, whole);
    }
    if (from instanceof DateType) {
      return cell -> Times.date(cell).toString();
    }
    if (from.equals(DataTypes.TimestampType)) {
      return cell -> Times.instant(cell).toString();
    }
    return from.equals(DataTypes.TimestampNTZType) ? String::valueOf : null;
  }

  private static String truth(String name, Object cell) {
    String word = cell.toString().strip().toLowerCase(Locale.ROOT);
    if (TRUE.contains(word) || FALSE.contains(word)) {
      return Boolean.toString(TRUE.contains(word));
    }
    throw RowMessages.wrong(name, cell, "one of " + TRUE + " or " + FALSE);
  }

  private static String text(BigDecimal number, boolean whole) {
    return whole && number.stripTrailingZeros().scale() <= 0
        ? number.toBigInteger().toString()
        : number.toPlainString();
  }

  private static String realText(Number real, boolean whole) {
    double number = real.doubleValue();
    if (Double.isNaN(number)) {
      return null;
    }
    boolean exact = number == Math.rint(number) && Math.abs(number) < 0x1p63;
    return whole && exact ? Long.toString((long) number) : real.toString();
  }

  private static Values wholes(String name, int places, DataType from) {
    String allowed =
        places == 0
            ? "a whole number within 64 bits"
            : "a decimal of at most " + places + " places, within 64 bits in units of the last";
    if (SqlTypes.isWhole(from) && places == 0) {
      return cell -> ((Number) cell).longValue();
    }
    if (SqlTypes.isWhole(from)) {
      return cell -> unscaled(name, cell, new BigDecimal(cell.toString()), places, allowed);
    }
    if (from instanceof DecimalType) {
      return cell -> unscaled(name, cell, (BigDecimal) cell, places, allowed);
    }
    if (SqlTypes.isReal(from)) {
      return cell -> {
        double number = ((Number) cell).doubleValue();
        if (Double.isNaN(number)) {
          return null;
        }
        if (Double.isInfinite(number)) {
          throw RowMessages.wrong(name, cell, allowed);
        }
        return unscaled(name, cell, new BigDecimal(cell.toString()), places, allowed);
      };
    }
    if (from instanceof StringType) {
      return cell -> {
        String text = ((String) cell).strip();
        if (!Decimal.isNumber(text) || Math.abs(Decimal.value(text)) > 0x1p64) {
          throw RowMessages.wrong(name, cell, allowed);
        }
        return unscaled(name, cell, new BigDecimal(text), places, allowed);
      };
    }
    return null;
  }

  private static Long unscaled(
      String name, Object cell, BigDecimal number, int places, String allowed) {
    try {
      return number.movePointRight(places).longValueExact();
    } catch (ArithmeticException e) {
      throw RowMessages.wrong(name, cell, allowed);
    }
  }

  private static Values reals(String name, DataType from) {
    if (SqlTypes.isReal(from) || from instanceof DecimalType) {
      return cell -> finite(name, cell, ((Number) cell).doubleValue());
    }
    if (SqlTypes.isWhole(from)) {
      return cell -> {
        long whole = ((Number) cell).longValue();
        double number = (double) whole;
        if (number >= 0x1p63 || (long) number != whole) {
          throw RowMessages.wrong(name, cell, "a number that float64 holds");
        }
        return number;
      };
    }
    if (from instanceof StringType) {
      return cell -> {
        String text = ((String) cell).strip();
        if (!Decimal.isNumber(text)) {
          throw RowMessages.wrong(name, cell, "a number such as -1.5e3");
        }
        return finite(name, cell, Decimal.value(text));
      };
    }
    return null;
  }

  private static Double finite(String name, Object cell, double number) {
    if (Double.isInfinite(number)) {
      throw RowMessages.wrong(name, cell, "a finite number, or null where there is none");
    }
    return Double.isNaN(number) ? null : (Double) number;
  }

  private static Values days(String name, DataType from) {
    if (from instanceof DateType) {
      return cell -> Times.date(cell).toEpochDay();
    }
    if (from instanceof StringType) {
      return cell -> {
        try {
          return LocalDate.parse(((String) cell).strip()).toEpochDay();
        } catch (DateTimeException e) {
          throw RowMessages.wrong(name, cell, "a date such as 2024-01-31");
        }
      };
    }
    return null;
  }

  private static Values micros(String name, boolean instant, DataType from) {
    if (from.equals(instant ? DataTypes.TimestampType : DataTypes.TimestampNTZType)) {
      return Times::micros;
    }
    if (from instanceof DateType && !instant) {
      return cell -> Times.micros(Times.date(cell).atStartOfDay());
    }
    if (from instanceof StringType) {
      return cell -> {
        try {
          String text = ((String) cell).strip().replace(' ', 'T');
          return Times.micros(instant ? Times.parsed(text) : (Object) LocalDateTime.parse(text));
        } catch (DateTimeException e) {
          throw RowMessages.wrong(
              name,
              cell,
              instant
                  ? "a time with its zone such as 2024-01-31T12:00:00Z"
                  : "a time such as 2024-01-31T12:00:00");
        }
      };
    }
    return null;
  }
}
