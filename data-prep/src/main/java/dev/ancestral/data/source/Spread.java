package dev.ancestral.data.source;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;

/**
 * Mean and spread of each of some elements, and by how much float32 moves one of its values at
 * most.
 *
 * <p>Law: values are held as float32, which moves a real number by up to 6·10⁻⁸ of its magnitude.
 * That is refused where it is more than a thousandth of the standard deviation of its element, for
 * then values that differ become equal. An element whose standard deviation is below 10⁻¹² of its
 * mean counts as constant.
 *
 * @param <P> where a value stands
 */
public final class Spread<P extends Serializable> implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final double MOST_ERROR = 1e-3;
  private static final double CONSTANT = 1e-12;

  private final List<Element<P>> elements;

  private Spread(List<Element<P>> elements) {
    this.elements = elements;
  }

  /**
   * Of no values yet.
   *
   * @param elements how many there are
   */
  public Spread(int elements) {
    this(new ArrayList<>());
    for (int e = 0; e < elements; e++) {
      this.elements.add(new Element<>());
    }
  }

  private static final class Element<P extends Serializable> implements Serializable {
    private static final long serialVersionUID = 1L;

    private double first;
    private long count;
    // Sums of differences from the first value, and of their squares.
    private double sum;
    private double squares;
    private double error;
    private double moved;
    private P at;

    boolean add(double value) {
      if (Double.isNaN(value)) {
        return false;
      }
      if (count++ == 0) {
        first = value;
      }
      double difference = value - first;
      sum += difference;
      squares += difference * difference;
      double moves = Math.abs(value - (float) value);
      if (moves > error) {
        error = moves;
        moved = value;
        return true;
      }
      return false;
    }

    void merge(Element<P> next, UnaryOperator<P> place) {
      if (count == 0) {
        first = next.first;
      }
      // Σ(x − a)² about another a, from Σ(x − b) and Σ(x − b)².
      double shift = next.first - first;
      squares += next.squares + 2 * shift * next.sum + next.count * shift * shift;
      sum += next.sum + next.count * shift;
      count += next.count;
      if (next.error > error) {
        error = next.error;
        moved = next.moved;
        at = place.apply(next.at);
      }
    }

    /** What float32 does to it, where that is too much. */
    Optional<String> lost(String element) {
      double mean = sum / Math.max(1, count);
      double deviation = Math.sqrt(Math.max(0, squares / Math.max(1, count) - mean * mean));
      boolean constant = deviation <= CONSTANT * Math.abs(first + mean);
      if (constant || error <= MOST_ERROR * deviation) {
        return Optional.empty();
      }
      return Optional.of(
          moved
              + ", which float32 holds as "
              + (float) moved
              + ", "
              + error
              + " away, and the standard deviation of the "
              + element
              + " is "
              + (float) deviation
              + "; it must be at least a thousand times that: subtract an offset from the "
              + element);
    }
  }

  /** How many elements there are. */
  public int size() {
    return elements.size();
  }

  /**
   * Adds a value; NaN is none.
   *
   * @return whether float32 moves it by more than any before: its place is then to be told ({@link
   *     #at})
   */
  public boolean add(int element, double value) {
    return elements.get(element).add(value);
  }

  /** Where the value that was added last to an element stands. */
  public void at(int element, P place) {
    elements.get(element).at = place;
  }

  /**
   * Adds what comes next in the input, of as many elements.
   *
   * @param place what a place of it is called here
   */
  public void merge(Spread<P> next, UnaryOperator<P> place) {
    for (int e = 0; e < elements.size(); e++) {
      elements.get(e).merge(next.elements.get(e), place);
    }
  }

  /**
   * Checks that float32 keeps what tells the values of an element apart.
   *
   * @param element what the elements are called: {@code column}
   * @param subject the value of an element at a place, as a subject of a sentence
   * @param otherwise what can be done beside subtracting an offset
   * @throws AncestralException (DATA) if it does not
   */
  public void requireKept(
      String element, BiFunction<Integer, P, String> subject, String otherwise) {
    for (int e = 0; e < elements.size(); e++) {
      Element<P> one = elements.get(e);
      Optional<String> lost = one.lost(element);
      if (lost.isPresent()) {
        throw new AncestralException(
            ErrorCode.DATA, subject.apply(e, one.at) + " is " + lost.get() + otherwise);
      }
    }
  }
}
