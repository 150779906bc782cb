package dev.ancestral.job.report;

import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/**
 * The marks of an axis: multiples of 1, 2 or 5 times a power of ten.
 *
 * @param step between two marks, above 0
 * @param first mark, in steps
 * @param last mark, in steps
 */
record Ticks(double step, long first, long last) {
  private static final double[] NICE = {1, 2, 5, 10};
  // Beyond these a plain number is longer than its power of ten.
  private static final double LARGE = 1e9;
  private static final double SMALL = 1e-6;
  // A bound that is a multiple of the step up to rounding has its mark.
  private static final double ROUNDING = 1e-9;

  /**
   * The marks within a range.
   *
   * @param from lower end, finite
   * @param to upper end, finite and above the lower one
   * @param most marks
   */
  static Ticks within(double from, double to, int most) {
    double rough = (to - from) / Math.max(1, most - 1);
    double power = Math.pow(10, Math.floor(Math.log10(rough)));
    double step = power;
    for (double nice : NICE) {
      step = nice * power;
      if (step >= rough * (1 - ROUNDING)) {
        break;
      }
    }
    return new Ticks(
        step, (long) Math.ceil(from / step - ROUNDING), (long) Math.floor(to / step + ROUNDING));
  }

  /** Where they are, ascending. */
  List<Double> values() {
    return LongStream.rangeClosed(first, last).mapToObj(i -> i * step).toList();
  }

  /** A mark as it is written, with the digits that tell it from its neighbours. */
  String label(double value) {
    double size = Math.max(Math.abs(first * step), Math.abs(last * step));
    if (size >= LARGE || step < SMALL) {
      return String.format(Locale.ROOT, "%.3g", value);
    }
    int decimals = (int) Math.max(0, -Math.floor(Math.log10(step) + ROUNDING));
    return String.format(Locale.ROOT, "%,." + decimals + "f", value + 0.0).replace('-', '−');
  }
}
