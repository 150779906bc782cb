package dev.ancestral.data.rows.survey;

import dev.ancestral.schema.ColumnType;
import java.math.BigDecimal;
import java.math.MathContext;

/**
 * Shift and scale of a column of real numbers: a power of two near the standard deviation, and the
 * multiple of a sixteenth of it that is next to the mean. Few bits, so that most values come back
 * exactly as they were.
 */
record RealScale(double shift, double scale) {
  /** Squares of numbers from here on leave float64. */
  static final double LARGE = 0x1p500;

  private static final int PARTS = 16;
  private static final int LEAST_EXPONENT = -1000;
  private static final int MOST_EXPONENT = 1000;

  static RealScale of(double least, double greatest, long values, ExactSum sum, ExactSum squares) {
    BigDecimal count = BigDecimal.valueOf(values);
    BigDecimal mean = sum.value().divide(count, MathContext.DECIMAL128);
    double deviation;
    if (Math.max(Math.abs(least), Math.abs(greatest)) < LARGE) {
      // n Σx² − (Σx)², which loses nothing: both sums are exact.
      BigDecimal centred =
          squares.value().multiply(count).subtract(sum.value().multiply(sum.value()));
      deviation =
          Math.sqrt(
              Math.max(
                  0, centred.divide(count.multiply(count), MathContext.DECIMAL128).doubleValue()));
    } else {
      deviation = greatest / 4 - least / 4;
    }
    if (!(deviation > 0)) {
      // One value only: it is the shift.
      return new RealScale(least, least == greatest ? 1 : power(greatest - least));
    }
    double scale = power(deviation);
    double unit = scale / PARTS;
    double multiple = Math.rint(mean.doubleValue() / unit);
    double shift = multiple * unit;
    return new RealScale(Double.isFinite(shift) ? shift : mean.doubleValue(), scale);
  }

  /** The power of two next to a positive number on a logarithmic scale. */
  private static double power(double x) {
    int exponent = Math.getExponent(x * Math.sqrt(2));
    return Math.scalb(1.0, Math.max(LEAST_EXPONENT, Math.min(MOST_EXPONENT, exponent)));
  }

  ColumnType.Real type() {
    return new ColumnType.Real(shift, scale);
  }
}
