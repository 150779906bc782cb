package dev.ancestral.data.source;

import dev.ancestral.Refusal;
import dev.ancestral.data.Example;
import java.io.Serializable;
import java.util.BitSet;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** What a pass over examples learns; profiles of consecutive stretches merge. */
final class Profile implements Serializable {
  private static final long serialVersionUID = 1L;

  private final boolean distinct;
  private final BitSet seen = new BitSet();
  private final TreeMap<Integer, String> firstAt = new TreeMap<>();
  private long examples;
  private int largest = -1;
  private String largestAt = "";
  private int largestLabel = Example.NONE;
  private List<Integer> shape;
  private String shapeAt = "";

  /**
   * @param distinct whether every value is to be remembered, with the place where it is first
   */
  Profile(boolean distinct) {
    this.distinct = distinct;
  }

  void add(StreamedFormat.Reader reader, int[] values) {
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

  private void sameShape(List<Integer> other, StreamedFormat.Reader reader, int elements) {
    if (shape == null) {
      shape = other;
      shapeAt = elements == 0 ? "an empty example" : reader.where(0);
    } else if (!shape.equals(other)) {
      throw differ(other, elements == 0 ? "an empty example" : reader.where(0));
    }
  }

  private Refusal differ(List<Integer> other, String at) {
    return new Refusal(
        Refusal.Kind.DATA,
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
    largestLabel = Math.max(largestLabel, next.largestLabel);
    seen.or(next.seen);
    next.firstAt.forEach(firstAt::putIfAbsent);
  }

  long examples() {
    return examples;
  }

  List<Integer> shape() {
    return shape;
  }

  int largest() {
    return largest;
  }

  String largestAt() {
    return largestAt;
  }

  /** Number of classes that the labels need; 0 if there are none. */
  int classes() {
    return largestLabel + 1;
  }

  /** All values, ascending, with the place where each is first. */
  SortedMap<Integer, String> distinct() {
    return firstAt;
  }
}
