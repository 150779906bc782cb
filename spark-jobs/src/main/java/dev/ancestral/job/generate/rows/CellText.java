package dev.ancestral.job.generate.rows;

import dev.ancestral.schema.RowColumn;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Values of columns as people write them. */
final class CellText {
  private static final Pattern DECIMAL = Pattern.compile("decimal\\(\\d+,\\s*(\\d+)\\)");
  private static final DateTimeFormatter CLOCK =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final long MICROS = 1_000_000;

  private CellText() {}

  /** A value as {@link RowColumn#decode} gives it; null for a null. */
  static String of(RowColumn column, Object value) {
    if (value == null) {
      return "null";
    }
    return switch (column.kind()) {
      case CATEGORY -> (String) value;
      case REAL -> String.format(Locale.ROOT, "%.6g", (Double) value);
      default -> of(column, (long) (Long) value);
    };
  }

  /** A value of a column of whole numbers, days or microseconds. */
  static String of(RowColumn column, long value) {
    return switch (column.kind()) {
      case DATE -> LocalDate.ofEpochDay(value).toString();
      case TIMESTAMP -> {
        Instant instant = Instant.EPOCH.plus(value, ChronoUnit.MICROS);
        long fraction = Math.floorMod(value, MICROS);
        yield CLOCK.format(instant)
            + (fraction == 0 ? "" : String.format(Locale.ROOT, ".%06d", fraction));
      }
      default -> BigDecimal.valueOf(value, places(column).orElse(0)).toPlainString();
    };
  }

  /** Places of a decimal column. */
  static OptionalInt places(RowColumn column) {
    Matcher decimal = DECIMAL.matcher(column.sqlType());
    return decimal.matches()
        ? OptionalInt.of(Integer.parseInt(decimal.group(1)))
        : OptionalInt.empty();
  }
}
