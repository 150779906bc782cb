package dev.ancestral.data.rows.survey;

import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;

/**
 * What a pass over the rows learns of a column. Summaries of parts merge into that of the whole,
 * whatever the parts are.
 */
abstract sealed class ColumnSummary implements Serializable {
  private static final long serialVersionUID = 1L;

  /** Different values that are counted one by one; above, they are counted by a shuffle. */
  static final int MOST_COUNTED = 4096;

  private long nulls;
  private long values;

  /** Adds a value, or null. */
  final void add(Object value) {
    if (value == null) {
      nulls++;
    } else {
      values++;
      addValue(value);
    }
  }

  /** Adds all of another one of the same kind. */
  final void merge(ColumnSummary other) {
    nulls += other.nulls;
    values += other.values;
    mergeValues(other);
  }

  /** Rows without a value. */
  final long nulls() {
    return nulls;
  }

  /** Rows with one. */
  final long values() {
    return values;
  }

  abstract void addValue(Object value);

  abstract void mergeValues(ColumnSummary other);

  /**
   * Counts of different values, as long as they are few.
   *
   * @param <T> type of the values
   */
  static final class Counts<T> implements Serializable {
    private static final long serialVersionUID = 1L;

    private HashMap<T, Long> counts = new HashMap<>();

    private void add(T value, long count) {
      if (counts != null) {
        counts.merge(value, count, Long::sum);
        if (counts.size() > MOST_COUNTED) {
          counts = null;
        }
      }
    }

    private void merge(Counts<T> other) {
      if (other.counts == null) {
        counts = null;
      } else {
        other.counts.forEach(this::add);
      }
    }

    /** Whether there were more than can be counted here. */
    boolean isOver() {
      return counts == null;
    }

    Map<T, Long> counts() {
      return counts;
    }
  }

  /** Of texts. */
  static final class Texts extends ColumnSummary {
    private static final long serialVersionUID = 1L;

    private final Counts<String> counts = new Counts<>();

    @Override
    void addValue(Object value) {
      counts.add((String) value, 1);
    }

    @Override
    void mergeValues(ColumnSummary other) {
      counts.merge(((Texts) other).counts);
    }

    Counts<String> counts() {
      return counts;
    }
  }

  /** Of whole numbers, days and microseconds. */
  static final class Wholes extends ColumnSummary {
    private static final long serialVersionUID = 1L;
    private static final long MILLI = 1000;
    private static final long SECOND = 1_000_000;

    private final Counts<Long> counts = new Counts<>();
    private long least = Long.MAX_VALUE;
    private long greatest = Long.MIN_VALUE;
    private boolean millis = true;
    private boolean seconds = true;

    @Override
    void addValue(Object value) {
      long whole = (Long) value;
      least = Math.min(least, whole);
      greatest = Math.max(greatest, whole);
      millis &= whole % MILLI == 0;
      seconds &= whole % SECOND == 0;
      counts.add(whole, 1);
    }

    @Override
    void mergeValues(ColumnSummary other) {
      Wholes wholes = (Wholes) other;
      least = Math.min(least, wholes.least);
      greatest = Math.max(greatest, wholes.greatest);
      millis &= wholes.millis;
      seconds &= wholes.seconds;
      counts.merge(wholes.counts);
    }

    long least() {
      return least;
    }

    long greatest() {
      return greatest;
    }

    /** The coarsest step, in microseconds, that all are on. */
    long microStep() {
      return seconds ? SECOND : millis ? MILLI : 1;
    }

    Counts<Long> counts() {
      return counts;
    }
  }

  /** Of real numbers. */
  static final class Reals extends ColumnSummary {
    private static final long serialVersionUID = 1L;

    private final ExactSum sum = new ExactSum();
    private final ExactSum squares = new ExactSum();
    private double least = Double.POSITIVE_INFINITY;
    private double greatest = Double.NEGATIVE_INFINITY;

    @Override
    void addValue(Object value) {
      double real = (Double) value;
      least = Math.min(least, real);
      greatest = Math.max(greatest, real);
      sum.add(real);
      // Squares beyond float64: RealScale then goes by the range.
      if (Math.abs(real) < RealScale.LARGE) {
        squares.addSquare(real);
      }
    }

    @Override
    void mergeValues(ColumnSummary other) {
      Reals reals = (Reals) other;
      least = Math.min(least, reals.least);
      greatest = Math.max(greatest, reals.greatest);
      sum.add(reals.sum);
      squares.add(reals.squares);
    }

    double least() {
      return least;
    }

    double greatest() {
      return greatest;
    }

    RealScale scale() {
      return RealScale.of(least, greatest, values(), sum, squares);
    }
  }
}
