package dev.ancestral.schema;

import java.io.Serializable;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The values of a column and the float32 elements that stand for one of them. A null is NaN in the
 * first of them, and 0 in the others.
 */
public sealed interface ColumnType extends Serializable
    permits ColumnType.Category, ColumnType.Whole, ColumnType.Real {

  /** Elements of one value. */
  int elements();

  /**
   * Writes the elements of a value that is not null.
   *
   * @param value a {@link String}, {@link Long} or {@link Double}, as the type says
   */
  void encode(Object value, float[] into, int at);

  /** The value of elements that stand for one: what {@link #encode} was given. */
  Object decode(float[] elements, int at);

  /**
   * One of some texts; one element, its code. Texts that are not in the vocabulary have the code
   * after its last.
   *
   * @param vocabulary the most frequent first, those of one frequency in the order of their text
   * @param otherSeen whether the data had texts that are not in the vocabulary
   */
  record Category(List<String> vocabulary, boolean otherSeen) implements ColumnType {
    /** What a drawn value is called that is not in the vocabulary. */
    public static final String OTHER = "other";

    public Category {
      vocabulary = List.copyOf(vocabulary);
    }

    /** Codes there are: those of the vocabulary, and that of all other texts. */
    public int codes() {
      return vocabulary.size() + 1;
    }

    /** The code of all texts that are not in the vocabulary. */
    public int other() {
      return vocabulary.size();
    }

    /** The code of each text of the vocabulary. */
    public Map<String, Integer> index() {
      Map<String, Integer> index = new HashMap<>(2 * vocabulary.size());
      for (int code = 0; code < vocabulary.size(); code++) {
        index.put(vocabulary.get(code), code);
      }
      return index;
    }

    @Override
    public int elements() {
      return 1;
    }

    @Override
    public void encode(Object value, float[] into, int at) {
      int code = vocabulary.indexOf((String) value);
      into[at] = code < 0 ? other() : code;
    }

    @Override
    public String decode(float[] elements, int at) {
      int code = (int) elements[at];
      return code < vocabulary.size() ? vocabulary.get(code) : OTHER;
    }
  }

  /**
   * Whole numbers, as digits to the base 2^24 of (value − least) / step, the highest first; all but
   * the first are from 0 to 2^24 − 1. Values too far away for that are taken for the farthest.
   *
   * @param least of the data that fixed the schema
   * @param greatest of them
   * @param step all values are a multiple of it away from {@code least}
   * @param edges ascending, the first is {@code least}, the last {@code greatest} + {@code step}:
   *     the bins [edge, next edge) that hold about as many values each
   */
  record Whole(long least, long greatest, long step, List<Long> edges) implements ColumnType {
    private static final int BITS = 24;
    private static final long BASE = 1L << BITS;
    // Eight times the range of the data in either direction has digits.
    private static final int MARGIN_BITS = 3;
    private static final double TAIL_SHARE = 8;

    public Whole {
      edges = List.copyOf(edges);
      if (step < 1 || greatest < least || edges.size() < 2) {
        throw new IllegalArgumentException(
            "a column from " + least + " to " + greatest + " in steps of " + step + ", " + edges);
      }
      for (int i = 1; i < edges.size(); i++) {
        if (edges.get(i) <= edges.get(i - 1)) {
          throw new IllegalArgumentException("edges must ascend: " + edges);
        }
      }
    }

    @Override
    public int elements() {
      // Unsigned: the difference of two longs has 64 bits.
      long range = Long.divideUnsigned(greatest - least, step);
      int bits = Long.SIZE - Long.numberOfLeadingZeros(range) + MARGIN_BITS;
      return (bits + BITS - 1) / BITS;
    }

    /** (value − least) / step, rounded down; the nearest long where it is beyond them. */
    public long steps(long value) {
      long distance = value - least;
      boolean beyond = ((value ^ least) & (value ^ distance)) < 0;
      return beyond
          ? (value < least ? Long.MIN_VALUE : Long.MAX_VALUE) / step
          : Math.floorDiv(distance, step);
    }

    @Override
    public void encode(Object value, float[] into, int at) {
      long rest = steps((Long) value);
      int digits = elements();
      for (int d = digits - 1; d > 0; d--) {
        into[at + d] = (float) Math.floorMod(rest, BASE);
        rest = Math.floorDiv(rest, BASE);
      }
      if (rest < -BASE || rest > BASE) {
        Arrays.fill(into, at, at + digits, rest < 0 ? 0 : (float) (BASE - 1));
        into[at] = (float) (rest < 0 ? -BASE : BASE - 1);
      } else {
        into[at] = (float) rest;
      }
    }

    /** (value − least) / step of elements. */
    public long stepsOf(float[] elements, int at) {
      return stepsOf(elements, at, elements());
    }

    /** The same for a caller that knows how many digits there are: {@link #elements}. */
    public static long stepsOf(float[] elements, int at, int digits) {
      long steps = 0;
      for (int d = 0; d < digits; d++) {
        steps = steps * BASE + (long) elements[at + d];
      }
      return steps;
    }

    /**
     * Where the bins begin, in steps from the least value: for each edge the first step that is not
     * below it. Bin b has the steps from number b to before number b + 1.
     */
    public long[] begins() {
      long[] begins = new long[edges.size()];
      for (int edge = 0; edge < begins.length; edge++) {
        long value = edges.get(edge);
        begins[edge] = steps(value) + (Math.floorMod(value - least, step) == 0 ? 0 : 1);
      }
      return begins;
    }

    /**
     * How far values of a tail lie from the bins on average, where the value next to them counts 1:
     * value number d of a tail has the part (1 − q) q^(d − 1) of its probability, with 1 / (1 − q)
     * = 2 + (values of all bins) / 8. So a value a little outside costs little, and what elements
     * can hold has nearly all of the tail.
     */
    public double meanDistanceOfTails() {
      long[] begins = begins();
      return 2 + begins[begins.length - 1] / TAIL_SHARE;
    }

    @Override
    public Long decode(float[] elements, int at) {
      return least + stepsOf(elements, at) * step;
    }
  }

  /**
   * Real numbers, as the two float32 whose sum is (value − shift) / scale to within 2^−48 of it.
   *
   * @param shift near the mean of the data that fixed the schema
   * @param scale near their standard deviation, above 0
   */
  record Real(double shift, double scale) implements ColumnType {
    public Real {
      if (!Double.isFinite(shift) || !Double.isFinite(scale) || !(scale > 0)) {
        throw new IllegalArgumentException("shift " + shift + ", scale " + scale);
      }
    }

    @Override
    public int elements() {
      return 2;
    }

    @Override
    public void encode(Object value, float[] into, int at) {
      double standard = ((Double) value - shift) / scale;
      into[at] = (float) Math.max(-Float.MAX_VALUE, Math.min(Float.MAX_VALUE, standard));
      into[at + 1] = (float) (standard - into[at]);
      if (!Float.isFinite(into[at + 1])) {
        into[at + 1] = 0;
      }
    }

    /** (value − shift) / scale of elements. */
    public double standard(float[] elements, int at) {
      return (double) elements[at] + elements[at + 1];
    }

    @Override
    public Double decode(float[] elements, int at) {
      return shift + scale * standard(elements, at);
    }
  }
}
