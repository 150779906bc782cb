package dev.ancestral.data.rows;

import dev.ancestral.data.Decimal;
import java.math.BigInteger;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Types that columns of texts may have. A column has the first of these that all its values have,
 * whatever their order; where there is none it stays one of strings. A number that is written with
 * leading zeros ({@code 007}) is a text, for they would be lost.
 */
enum TextType {
  BOOLEAN("boolean"),
  INT("int"),
  LONG("bigint"),
  DOUBLE("double"),
  DATE("date"),
  LOCAL_TIME("timestamp_ntz"),
  INSTANT("timestamp");

  private static final int LEAST_DATE = "2024-01-31".length();
  private static final int MOST_DATE = "2024-01-31T12:00:00.123456+00:00".length();
  private static final int MOST_DIGITS = 20;
  private static final Set<String> TRUTHS = Set.of("true", "false");
  private static final BigInteger MOST_LONG = BigInteger.valueOf(Long.MAX_VALUE);
  private static final BigInteger LEAST_LONG = BigInteger.valueOf(Long.MIN_VALUE);

  private final String sql;

  TextType(String sql) {
    this.sql = sql;
  }

  /** As Spark writes it. */
  String sql() {
    return sql;
  }

  int bit() {
    return 1 << List.of(values()).indexOf(this);
  }

  /** All of them as bits. */
  static int all() {
    return (1 << values().length) - 1;
  }

  /** The types that a text may have, as bits. */
  static int of(String text, boolean decimalComma) {
    if (text.isEmpty()) {
      return 0;
    }
    char first = text.charAt(0);
    if (first <= '9') {
      return number(decimalComma ? text.replace(',', '.') : text) | time(text);
    }
    return TRUTHS.contains(text.toLowerCase(Locale.ROOT)) ? BOOLEAN.bit() : 0;
  }

  private static int number(String text) {
    if (!Decimal.isNumber(text) || hasLeadingZero(text)) {
      return 0;
    }
    if (!Decimal.isWhole(text)) {
      return Double.isFinite(Decimal.value(text)) ? DOUBLE.bit() : 0;
    }
    if (text.length() > MOST_DIGITS) {
      return Double.isFinite(Decimal.value(text)) ? DOUBLE.bit() : 0;
    }
    BigInteger whole = new BigInteger(text);
    if (whole.compareTo(MOST_LONG) > 0 || whole.compareTo(LEAST_LONG) < 0) {
      return DOUBLE.bit();
    }
    long value = whole.longValue();
    return DOUBLE.bit() | LONG.bit() | (value == (int) value ? INT.bit() : 0);
  }

  private static boolean hasLeadingZero(String text) {
    int digit = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
    return text.length() > digit + 1
        && text.charAt(digit) == '0'
        && Character.isDigit(text.charAt(digit + 1));
  }

  private static int time(String text) {
    if (text.length() < LEAST_DATE
        || text.length() > MOST_DATE
        || text.charAt(4) != '-'
        || text.charAt(7) != '-') {
      return 0;
    }
    try {
      if (text.length() == LEAST_DATE) {
        LocalDate.parse(text);
        return DATE.bit() | LOCAL_TIME.bit();
      }
      String time = text.replace(' ', 'T');
      if (hasZone(time)) {
        OffsetDateTime.parse(time);
        return INSTANT.bit();
      }
      LocalDateTime.parse(time);
      return LOCAL_TIME.bit();
    } catch (DateTimeException e) {
      return 0;
    }
  }

  private static boolean hasZone(String time) {
    return time.endsWith("Z") || time.indexOf('+') > 0 || time.lastIndexOf('-') > time.indexOf('T');
  }

  /** The first type of those bits, or null where it is a string. */
  static TextType first(int bits) {
    for (TextType type : values()) {
      if ((bits & type.bit()) != 0) {
        return type;
      }
    }
    return null;
  }
}
