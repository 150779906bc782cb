package dev.ancestral.data;

import java.math.BigDecimal;
import java.util.regex.Pattern;

/**
 * Decimal numbers as text: digits with at most one point, a sign and an exponent of ten. Java's own
 * parsers take more: suffixes of types ({@code 1d}), hexadecimal fractions, digits of other
 * scripts, {@code NaN} and {@code Infinity}.
 */
public final class Decimal {
  private static final Pattern WHOLE = Pattern.compile("[+-]?[0-9]+");
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE][+-]?[0-9]+)?");
  // So many digits are below 2^63.
  private static final int DIGITS_OF_LONG = 18;

  private Decimal() {}

  /** Whether the text is a whole number without point and exponent. */
  public static boolean isWhole(String text) {
    return WHOLE.matcher(text).matches();
  }

  /** Whether the text is a number. */
  public static boolean isNumber(String text) {
    return NUMBER.matcher(text).matches();
  }

  /** The float64 nearest to a text that is a number; infinite if it is too large. */
  public static double value(String text) {
    return text.length() <= DIGITS_OF_LONG && isWhole(text)
        ? Long.parseLong(text)
        : Double.parseDouble(text);
  }

  /** Whether float32 holds a whole number that is written so. */
  public static boolean isExactInFloat32(String whole) {
    return whole.length() <= DIGITS_OF_LONG
        ? isExactInFloat32(Long.parseLong(whole))
        : new BigDecimal((float) value(whole)).compareTo(new BigDecimal(whole)) == 0;
  }

  /** Whether float32 holds a whole number. */
  public static boolean isExactInFloat32(long whole) {
    float nearest = whole;
    // 2^63 itself is no long: the cast would bring it back to one.
    return nearest < 0x1p63f && (long) nearest == whole;
  }
}
