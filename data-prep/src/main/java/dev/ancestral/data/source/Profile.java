package dev.ancestral.data.source;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Example;
import java.io.Serializable;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/** What a pass over examples learns; profiles of consecutive stretches merge. */
public final class Profile implements Serializable {
  private static final long serialVersionUID = 1L;

  private final boolean distinct;
  private final BitSet seen = new BitSet();
  private final TreeMap<Integer, String> firstAt = new TreeMap<>();
  private long examples;
  private long empty;
  private Spread<String> spread;
  private int largest = -1;
  private String largestAt = "";
  private int largestLabel = Example.NONE;
  private List<Integer> shape;
  private String shapeAt = "";

  /**
   * @param distinct whether every value is to be remembered, with the place where it is first
   */
  public Profile(boolean distinct) {
    this.distinct = distinct;
  }

  /** Adds an example. */
  public void add(StreamedFormat.Reader reader, int[] values) {
    sameShape(reader.shape(), reader, values.length);
    examples++;
    largestLabel = Math.max(largestLabel, reader.label());
    for (int i = 0; i < values.length; i++) {
      int value = values[i];
      if (value > largest) {
        largest = value;
        largestAt = reader.where(i);
      }
      if (distinct && !seen.get(value)) {
        seen.set(value);
        firstAt.put(value, reader.where(i));
      }
    }
  }

  /** Adds what a reader tells at its end. */
  void end(StreamedFormat.Reader reader) {
    empty += reader.empty();
    reader.spread().ifPresent(this::merge);
  }

  private void merge(Spread<String> next) {
    if (spread == null) {
      spread = next;
    } else {
      spread.merge(next, UnaryOperator.identity());
    }
  }

  private void sameShape(List<Integer> other, StreamedFormat.Reader reader, int elements) {
    if (shape == null) {
      shape = other;
      shapeAt = elements == 0 ? "an empty example" : reader.where(0);
    } else if (!shape.equals(other)) {
      throw differ(other, elements == 0 ? "an empty example" : reader.where(0));
    }
  }

  private AncestralException differ(List<Integer> other, String at) {
    return new AncestralException(
        ErrorCode.DATA,
        "examples differ in shape: "
            + shape
            + " at "
            + shapeAt
            + ", "
            + other
            + " at "
            + at
            + "; a dataset has one shape: name only files that agree");
  }

  /** Adds the profile of what comes next in the input. */
  void merge(Profile next) {
    if (next.shape != null) {
      if (shape == null) {
        shape = next.shape;
        shapeAt = next.shapeAt;
      } else if (!shape.equals(next.shape)) {
        throw differ(next.shape, next.shapeAt);
      }
    }
    if (next.largest > largest) {
      largest = next.largest;
      largestAt = next.largestAt;
    }
    examples += next.examples;
    empty += next.empty;
    next.spread().ifPresent(this::merge);
    largestLabel = Math.max(largestLabel, next.largestLabel);
    seen.or(next.seen);
    next.firstAt.forEach(firstAt::putIfAbsent);
  }

  /** How many there are. */
  public long examples() {
    return examples;
  }

  /** How many lines or files held nothing and are no examples. */
  public long empty() {
    return empty;
  }

  /** The spread of each element, in formats of real numbers. */
  public Optional<Spread<String>> spread() {
    return Optional.ofNullable(spread);
  }

  /** Shape of every example (of a step of a sequence). */
  public List<Integer> shape() {
    return shape;
  }

  /** The largest value; −1 if there is none. */
  public int largest() {
    return largest;
  }

  /** Where the largest value stands first, for messages. */
  public String largestAt() {
    return largestAt;
  }

  /**
   * The levels of an element.
   *
   * @param declared by the user, or 0
   * @param at where the largest value stands
   * @throws AncestralException (DATA) if the largest value is none of those declared
   */
  public static int levels(int declared, int largest, String at) {
    if (declared > 0 && largest >= declared) {
      throw new AncestralException(
          ErrorCode.DATA,
          at
              + " has the value "
              + largest
              + "; with "
              + declared
              + " levels it must be below: mend the file, or declare more levels");
    }
    return declared > 0 ? declared : Math.max(2, largest + 1);
  }

  /**
   * The levels of an element.
   *
   * @param declared by the user, or 0 for as many as the values need, at least 2
   * @throws AncestralException (DATA) if the largest value is none of those declared
   */
  public int levels(int declared) {
    return levels(declared, largest, largestAt);
  }

  /** Number of classes that the labels need; 0 if there are none. */
  public int classes() {
    return largestLabel + 1;
  }

  /** All values, ascending, with the place where each is first. */
  public SortedMap<Integer, String> distinct() {
    return firstAt;
  }
}
