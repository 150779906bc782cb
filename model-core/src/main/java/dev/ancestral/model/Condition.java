package dev.ancestral.model;

import java.io.Serializable;

/**
 * Which distribution a log-likelihood is of: p(x), p(x | label), p(x, label), and for sequences
 * each of them given the length. Numbers of unlike conditions differ by more than their models: log
 * p(x | label) is above log p(x) by the information that the label has about x.
 *
 * @param label what the label of an example is to it
 * @param length whether the number of steps is given, not modelled
 */
public record Condition(Label label, boolean length) implements Serializable {

  /** What the label of an example is to a log-likelihood. */
  public enum Label {
    /** Nothing: p(x). */
    NONE("none"),
    /** It is given: p(x | label). */
    GIVEN("label"),
    /** It is modelled beside x: p(x, label). */
    JOINT("joint");

    private final String text;

    Label(String text) {
      this.text = text;
    }

    /** As it is asked for: {@code none}, {@code label} or {@code joint}. */
    public String text() {
      return text;
    }

    /** The one that is written so; there must be one. */
    public static Label of(String text) {
      for (Label label : values()) {
        if (label.text.equals(text)) {
          return label;
        }
      }
      throw new IllegalArgumentException(
          "condition is '" + text + "'; it must be none, label or joint");
    }
  }

  /** p(x). */
  public static final Condition NONE = new Condition(Label.NONE, false);

  /** The condition of an event's likelihood that looks at no label; a learned end is modelled. */
  public static Condition of(EventSpec event) {
    return new Condition(Label.NONE, event.variableLength() && !event.learnedEnd());
  }

  /** The same with another part of the label. */
  public Condition withLabel(Label other) {
    return new Condition(other, length);
  }

  /** What is given: {@code none}, {@code label}, {@code length} or {@code label, length}. */
  public String given() {
    if (label == Label.GIVEN) {
      return length ? "label, length" : "label";
    }
    return length ? "length" : "none";
  }

  /** What is modelled: {@code x} or {@code x, label}. */
  public String variables() {
    return label == Label.JOINT ? "x, label" : "x";
  }

  /**
   * The condition by its two texts.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Condition parse(String variables, String given) {
    for (Label label : Label.values()) {
      for (boolean length : new boolean[] {false, true}) {
        Condition condition = new Condition(label, length);
        if (condition.variables().equals(variables) && condition.given().equals(given)) {
          return condition;
        }
      }
    }
    throw new IllegalArgumentException(
        "there is no log-likelihood of '" + variables + "' given '" + given + "'");
  }

  /** As it is written in mathematics: {@code log p(x | label)}. */
  public String notation() {
    return "log p(" + variables() + (given().equals("none") ? "" : " | " + given()) + ")";
  }
}
