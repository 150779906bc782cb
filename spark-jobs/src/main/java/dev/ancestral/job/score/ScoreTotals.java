package dev.ancestral.job.score;

import static org.apache.spark.sql.functions.abs;
import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.count;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.shiftright;
import static org.apache.spark.sql.functions.sum;
import static org.apache.spark.sql.functions.when;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Map;
import org.apache.spark.sql.Column;

/**
 * Count, mean and standard error of a column of scores, which do not depend on the order in which
 * Spark adds them up: scores below 2³¹ in magnitude are added as multiples of 2⁻³², and the squares
 * of their distances to a centre as multiples of 2⁻²⁴, in whole numbers.
 *
 * @param examples rows
 * @param mean in nats; −∞ if a row is impossible, NaN of no rows
 * @param standardError of the mean; NaN of fewer than two rows, and where the mean is infinite
 */
public record ScoreTotals(long examples, double mean, double standardError) {
  private static final double SCORE_UNITS = 0x1p32;
  private static final double SQUARE_UNITS = 0x1p24;
  private static final double LARGEST_SCORE = 0x1p31;
  private static final double LARGEST_DISTANCE = 0x1p19;
  private static final int LOW_BITS = 32;
  private static final long LOW = 0xFFFF_FFFFL;

  /**
   * What is to be added up, by name.
   *
   * @param name of the column of scores
   * @param centre near their mean
   */
  public static List<Column> sums(String name, double centre) {
    Column score = col(name);
    Column finite = score.gt(Double.NEGATIVE_INFINITY).and(score.lt(Double.POSITIVE_INFINITY));
    Column exact = abs(score).lt(LARGEST_SCORE);
    Column units = when(exact, score.multiply(SCORE_UNITS).cast("bigint")).otherwise(lit(0L));
    Column distance = score.minus(centre);
    Column near = abs(distance).lt(LARGEST_DISTANCE);
    Column square = distance.multiply(distance);
    Column squares = when(near, square.multiply(SQUARE_UNITS).cast("bigint")).otherwise(lit(0L));
    return List.of(
        count(lit(1)).as("examples"),
        sum(when(finite, lit(0L)).otherwise(lit(1L))).as("infinite"),
        sum(shiftright(units, LOW_BITS)).as("high"),
        sum(units.bitwiseAND(lit(LOW))).as("low"),
        sum(when(finite.and(exact.equalTo(false)), score).otherwise(lit(0.0))).as("rest"),
        sum(shiftright(squares, LOW_BITS)).as("highSquares"),
        sum(squares.bitwiseAND(lit(LOW))).as("lowSquares"),
        sum(when(finite.and(near.equalTo(false)), square).otherwise(lit(0.0))).as("restSquares"));
  }

  /** The totals of the sums that {@link #sums} names. */
  public static ScoreTotals of(Map<String, ?> sums, double centre) {
    long examples = ((Number) sums.get("examples")).longValue();
    if (examples == 0) {
      return new ScoreTotals(0, Double.NaN, Double.NaN);
    }
    if (((Number) sums.get("infinite")).longValue() > 0) {
      return new ScoreTotals(examples, Double.NEGATIVE_INFINITY, Double.NaN);
    }
    BigDecimal count = BigDecimal.valueOf(examples);
    BigDecimal sum =
        whole(sums, "high", "low")
            .divide(new BigDecimal(SCORE_UNITS))
            .add(new BigDecimal(((Number) sums.get("rest")).doubleValue()));
    BigDecimal mean = sum.divide(count, MathContext.DECIMAL128);
    BigDecimal squares =
        whole(sums, "highSquares", "lowSquares")
            .divide(new BigDecimal(SQUARE_UNITS))
            .add(new BigDecimal(((Number) sums.get("restSquares")).doubleValue()));
    BigDecimal distance = mean.subtract(new BigDecimal(centre));
    double deviations = squares.subtract(distance.multiply(distance).multiply(count)).doubleValue();
    double variance = Math.max(0, deviations) / (examples - 1);
    return new ScoreTotals(
        examples, mean.doubleValue(), examples < 2 ? Double.NaN : Math.sqrt(variance / examples));
  }

  private static BigDecimal whole(Map<String, ?> sums, String high, String low) {
    return BigDecimal.valueOf(((Number) sums.get(high)).longValue())
        .multiply(BigDecimal.valueOf(1L << LOW_BITS))
        .add(BigDecimal.valueOf(((Number) sums.get(low)).longValue()));
  }
}
