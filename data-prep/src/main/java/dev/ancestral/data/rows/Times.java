package dev.ancestral.data.rows;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;

/**
 * Dates and times as Spark gives them: of {@code java.sql} or of {@code java.time}, as the session
 * is set.
 */
final class Times {
  // Before, the calendar or the time zone of java.sql may be another than that of java.time.
  private static final long SAME_SINCE_MILLIS = -2_000_000_000_000L;
  private static final long MICROS = 1_000_000;
  private static final long NANOS_OF_MICRO = 1000;

  private Times() {}

  static LocalDate date(Object cell) {
    return cell instanceof java.sql.Date date ? date.toLocalDate() : (LocalDate) cell;
  }

  /** Microseconds since 1970: of an instant, or of a clock that has no zone. */
  static Long micros(Object cell) {
    Instant instant =
        cell instanceof LocalDateTime local ? local.toInstant(ZoneOffset.UTC) : instant(cell);
    return micros(instant.getEpochSecond(), instant.getNano());
  }

  private static long micros(long seconds, long nanos) {
    return Math.addExact(Math.multiplyExact(seconds, MICROS), nanos / NANOS_OF_MICRO);
  }

  /** The instant of a timestamp with a zone. */
  static Instant instant(Object cell) {
    if (!(cell instanceof java.sql.Timestamp timestamp)) {
      return (Instant) cell;
    }
    return timestamp.getTime() >= SAME_SINCE_MILLIS
        ? timestamp.toInstant()
        : timestamp.toLocalDateTime().atZone(ZoneId.systemDefault()).toInstant();
  }

  /** The instant that a text with a zone names. */
  static Instant parsed(String text) {
    return OffsetDateTime.parse(text).toInstant();
  }

  /** For Spark: microseconds as a timestamp with a zone. */
  static Object timestamp(long micros, boolean javaTime) {
    Instant instant = Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    if (javaTime) {
      return instant;
    }
    return instant.toEpochMilli() >= SAME_SINCE_MILLIS
        ? java.sql.Timestamp.from(instant)
        : java.sql.Timestamp.valueOf(LocalDateTime.ofInstant(instant, ZoneId.systemDefault()));
  }

  /** For Spark: microseconds of a clock without a zone. */
  static LocalDateTime local(long micros) {
    return LocalDateTime.ofInstant(Instant.EPOCH.plus(micros, ChronoUnit.MICROS), ZoneOffset.UTC);
  }

  /** For Spark: a date. */
  static Object date(LocalDate date, boolean javaTime) {
    return javaTime ? date : (Object) java.sql.Date.valueOf(date);
  }
}
