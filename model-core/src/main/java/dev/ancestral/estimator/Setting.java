package dev.ancestral.estimator;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.Suggestion;
import dev.ancestral.config.Settings;
import java.util.List;
import java.util.Optional;

/**
 * A setting of an evaluation method: a key under {@code evaluate:} in a spec and an option {@code
 * --name} of the command.
 *
 * @param name lower case letters
 * @param label what stands for the value in the help of the command
 * @param kind of the value
 * @param least smallest number; not for words
 * @param most largest number; not for words
 * @param words that are allowed; of words only
 * @param description for the help of the command, a text for each line
 */
public record Setting(
    String name,
    String label,
    Kind kind,
    double least,
    double most,
    List<String> words,
    List<String> description) {

  /** What a value is. */
  public enum Kind {
    /** A whole number that fits an int. */
    WHOLE,
    /** A finite number. */
    NUMBER,
    /** One of some words. */
    WORD,
    /** A text that is not empty, such as the name of a column. */
    TEXT
  }

  public Setting {
    words = List.copyOf(words);
    description = List.copyOf(description);
    if (!name.matches("[a-z]+")) {
      throw new IllegalArgumentException(
          "a setting is called '" + name + "'; its name must be lower case letters");
    }
  }

  /** A whole number within [least, most]. */
  public static Setting whole(
      String name, String label, int least, int most, String... description) {
    return new Setting(name, label, Kind.WHOLE, least, most, List.of(), List.of(description));
  }

  /** A finite number within [least, most]. */
  public static Setting number(
      String name, String label, double least, double most, String... description) {
    return new Setting(name, label, Kind.NUMBER, least, most, List.of(), List.of(description));
  }

  /** A finite number above 0. */
  public static Setting positive(String name, String label, String... description) {
    return number(name, label, Double.MIN_VALUE, Double.MAX_VALUE, description);
  }

  /** One of some words. */
  public static Setting word(String name, String label, List<String> words, String... description) {
    return new Setting(name, label, Kind.WORD, 0, 0, words, List.of(description));
  }

  /** A text that is not empty. */
  public static Setting text(String name, String label, String... description) {
    return new Setting(name, label, Kind.TEXT, 0, 0, List.of(), List.of(description));
  }

  /** What a value must be, in words. */
  public String allowed() {
    return switch (kind) {
      case WHOLE -> "a whole number from " + (long) least + " to " + (long) most;
      case NUMBER ->
          least == Double.MIN_VALUE
              ? "a number above 0"
              : "a number from " + least + (most == Double.MAX_VALUE ? "" : " to " + most);
      case WORD -> "one of " + String.join(", ", words);
      case TEXT -> "a text";
    };
  }

  /** Whether a value is allowed. */
  public boolean allows(Object value) {
    return switch (kind) {
      case WHOLE -> (value instanceof Integer || value instanceof Long) && within(value);
      case NUMBER -> value instanceof Number && within(value);
      case WORD -> value instanceof String word && words.contains(word);
      case TEXT -> value instanceof String text && !text.isEmpty();
    };
  }

  private boolean within(Object value) {
    double number = ((Number) value).doubleValue();
    return number >= least && number <= most;
  }

  /**
   * Checks a value.
   *
   * @throws AncestralException (SPEC) if it is not allowed
   */
  public void require(Object value) {
    if (!allows(value)) {
      throw new AncestralException(
          ErrorCode.SPEC, name + " is " + value + "; it must be " + allowed() + question(value));
    }
  }

  /** Reads the value of a section of a spec, reporting a wrong one to it; empty if absent. */
  public Optional<Object> read(Settings section) {
    if (!section.has(name)) {
      return Optional.empty();
    }
    Object value = section.values().get(name);
    if (!allows(value)) {
      section.wrong(name, value, allowed() + question(value));
      return Optional.empty();
    }
    return Optional.of(value);
  }

  private String question(Object value) {
    return Suggestion.question(String.valueOf(value), words);
  }
}
