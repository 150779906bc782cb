package dev.ancestral.model;

import dev.ancestral.Refusal;
import java.io.Serializable;
import java.util.List;

/**
 * What one example is: its shape, the values its elements take, and whether it carries a label.
 *
 * <p>Images are [height, width, channels]. A sequence ({@code variableLength}) has the shape of one
 * step and as many steps as its length says.
 *
 * @param shape sizes of one example (of one step of a sequence), row-major; a scalar step is [1]
 * @param elements what an element is
 * @param variableLength whether the example is a sequence of steps
 * @param classes number of labels, 0 where examples have none
 * @param vocabulary for text the character of each code, else empty
 * @param sampleRate for sound in hertz, else 0
 * @param missing whether elements may be missing; in a batch a missing one is NaN
 */
public record EventSpec(
    List<Integer> shape,
    Elements elements,
    boolean variableLength,
    int classes,
    List<String> vocabulary,
    int sampleRate,
    boolean missing)
    implements Serializable {

  /** The values an element takes. */
  public sealed interface Elements extends Serializable permits Discrete, Continuous {}

  /** Whole numbers 0 to levels − 1. */
  public record Discrete(int levels) implements Elements {
    public Discrete {
      if (levels < 2) {
        throw new Refusal(
            Refusal.Kind.DATA, "levels is " + levels + "; discrete elements have at least 2");
      }
    }
  }

  /** Real numbers, stored as float32. */
  public record Continuous() implements Elements {}

  public EventSpec {
    shape = List.copyOf(shape);
    vocabulary = List.copyOf(vocabulary);
    if (shape.isEmpty() || shape.stream().anyMatch(n -> n < 1)) {
      throw new Refusal(
          Refusal.Kind.DATA, "event shape is " + shape + "; it needs sizes of at least 1");
    }
  }

  /** An event none of whose elements is missing. */
  public EventSpec(
      List<Integer> shape,
      Elements elements,
      boolean variableLength,
      int classes,
      List<String> vocabulary,
      int sampleRate) {
    this(shape, elements, variableLength, classes, vocabulary, sampleRate, false);
  }

  /** An event of fixed shape with discrete elements and no label. */
  public static EventSpec discrete(int levels, Integer... shape) {
    return new EventSpec(List.of(shape), new Discrete(levels), false, 0, List.of(), 0);
  }

  /** An event of fixed shape with continuous elements and no label. */
  public static EventSpec continuous(Integer... shape) {
    return new EventSpec(List.of(shape), new Continuous(), false, 0, List.of(), 0);
  }

  public EventSpec withClasses(int newClasses) {
    return new EventSpec(
        shape, elements, variableLength, newClasses, vocabulary, sampleRate, missing);
  }

  public EventSpec withElements(Elements newElements) {
    return new EventSpec(
        shape, newElements, variableLength, classes, vocabulary, sampleRate, missing);
  }

  public EventSpec withMissing(boolean mayBeMissing) {
    return new EventSpec(
        shape, elements, variableLength, classes, vocabulary, sampleRate, mayBeMissing);
  }

  /** Elements of one example, or of one step of a sequence. */
  public int size() {
    return shape.stream().reduce(1, Math::multiplyExact);
  }

  public boolean isDiscrete() {
    return elements instanceof Discrete;
  }

  /** Number of levels of a discrete event; 0 for a continuous one. */
  public int levels() {
    return elements instanceof Discrete d ? d.levels() : 0;
  }

  public boolean hasLabels() {
    return classes > 0;
  }

  /** For messages: {@code 28×28×1 with 256 levels}. */
  public String describe() {
    StringBuilder text = new StringBuilder();
    for (int n : shape) {
      text.append(text.isEmpty() ? "" : "×").append(n);
    }
    text.append(isDiscrete() ? " with " + levels() + " levels" : " of real numbers");
    if (variableLength) {
      text.append(" a step, any number of steps");
    }
    if (missing) {
      text.append(", some of them missing");
    }
    if (hasLabels()) {
      text.append(", ").append(classes).append(" classes");
    }
    return text.toString();
  }
}
