package dev.ancestral.data.rows.survey;

import java.io.Serializable;
import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * The exact sum of finite float64: the same whatever their order.
 *
 * <p>A fixed-point number of 32-bit digits that spans the range of float64 (Kulisch: Very fast and
 * exact accumulation of products, 2011).
 */
final class ExactSum implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int BITS = 32;
  private static final long DIGIT = (1L << BITS) - 1;
  private static final int FRACTION_BITS = 52;
  // The exponent of the last bit of the smallest float64.
  private static final int LEAST_EXPONENT = 1074;
  private static final int DIGITS = 2 * 1075 / BITS + 4;
  // A digit takes at most 2^33 a summand, and has room for 2^63.
  private static final int MOST_SUMMANDS = 1 << 28;

  private final long[] digits = new long[DIGITS];
  private int summands;

  void add(double x) {
    long bits = Double.doubleToRawLongBits(x);
    int exponent = Math.max(1, Math.getExponent(x) + Double.MAX_EXPONENT);
    long mantissa = bits & ((1L << FRACTION_BITS) - 1);
    if (Math.abs(x) >= Double.MIN_NORMAL) {
      mantissa |= 1L << FRACTION_BITS;
    }
    int place = exponent - 1;
    int digit = place / BITS;
    int shift = place % BITS;
    long low = (mantissa & DIGIT) << shift;
    long high = (mantissa >>> BITS) << shift;
    if (bits < 0) {
      digits[digit] -= low & DIGIT;
      digits[digit + 1] -= (low >>> BITS) + (high & DIGIT);
      digits[digit + 2] -= high >>> BITS;
    } else {
      digits[digit] += low & DIGIT;
      digits[digit + 1] += (low >>> BITS) + (high & DIGIT);
      digits[digit + 2] += high >>> BITS;
    }
    summands++;
    if (summands == MOST_SUMMANDS) {
      carry();
    }
  }

  /** Adds x², exactly where it is neither beyond float64 nor below its last place. */
  void addSquare(double x) {
    double square = x * x;
    add(square);
    add(Math.fma(x, x, -square));
  }

  void add(ExactSum other) {
    carry();
    other.carry();
    for (int d = 0; d < DIGITS; d++) {
      digits[d] += other.digits[d];
    }
    carry();
  }

  /** Brings all digits but the highest into 0 to 2^32 − 1. */
  private void carry() {
    for (int d = 0; d + 1 < DIGITS; d++) {
      digits[d + 1] += digits[d] >> BITS;
      digits[d] &= DIGIT;
    }
    summands = 0;
  }

  BigDecimal value() {
    carry();
    BigInteger sum = BigInteger.ZERO;
    for (int d = DIGITS - 1; d >= 0; d--) {
      sum = sum.shiftLeft(BITS).add(BigInteger.valueOf(digits[d]));
    }
    return new BigDecimal(sum).divide(new BigDecimal(BigInteger.ONE.shiftLeft(LEAST_EXPONENT)));
  }
}
