package dev.ancestral.data.rows;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.util.List;

/** Parts of what is told about tables. */
public final class RowMessages {
  private static final int MOST_NAMES = 40;
  private static final int LONGEST = 60;

  private RowMessages() {}

  /** A list of names, which may be long. */
  public static String abbreviated(List<?> names) {
    return names.size() <= MOST_NAMES
        ? names.toString()
        : names.subList(0, MOST_NAMES) + " and " + (names.size() - MOST_NAMES) + " more";
  }

  /** A value in quotes, cut if it is long. */
  public static String quoted(Object value) {
    String text = String.valueOf(value);
    return "'" + (text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text) + "'";
  }

  /** Of a cell that its column cannot have. */
  public static AncestralException wrong(String column, Object value, String allowed) {
    return new AncestralException(
        ErrorCode.DATA,
        "column '" + column + "' has the value " + quoted(value) + "; it must be " + allowed);
  }
}
