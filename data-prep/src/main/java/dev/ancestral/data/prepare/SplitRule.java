package dev.ancestral.data.prepare;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.Suggestion;
import dev.ancestral.data.Decimal;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Which split an example goes to. */
public sealed interface SplitRule extends Serializable {
  /** Names of splits, in the order of fractions. */
  List<String> NAMES = List.of("train", "valid", "test");

  /** What {@link #parse} takes, for messages. */
  String ALLOWED =
      "train, valid, test, auto=a,b,c or range=a,b,c with fractions that sum to 1"
          + " (auto=0.8,0.1,0.1)";

  /** All examples to one split. */
  record Named(String name) implements SplitRule {
    private static final long serialVersionUID = 1L;

    public Named {
      if (!NAMES.contains(name)) {
        throw new AncestralException(
            ErrorCode.SPEC,
            "split is " + name + "; it must be one of " + NAMES + Suggestion.question(name, NAMES));
      }
    }

    @Override
    public List<String> names() {
      return List.of(name);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /** To train, valid and test by a keyed hash of the id, whatever the order of the input. */
  record Auto(List<Double> fractions) implements SplitRule {
    private static final long serialVersionUID = 1L;

    public Auto {
      fractions = checked(fractions);
    }

    @Override
    public List<String> names() {
      return present(fractions);
    }

    @Override
    public String toString() {
      return "auto=" + text(fractions);
    }
  }

  /** The first part of the input to train, the next to valid, the rest to test. */
  record Range(List<Double> fractions) implements SplitRule {
    private static final long serialVersionUID = 1L;

    public Range {
      fractions = checked(fractions);
    }

    @Override
    public List<String> names() {
      return present(fractions);
    }

    @Override
    public String toString() {
      return "range=" + text(fractions);
    }
  }

  /** The splits that it fills. */
  List<String> names();

  /**
   * {@code train}, {@code valid}, {@code test}, {@code auto=0.8,0.1,0.1} or {@code
   * range=0.9,0.05,0.05}.
   *
   * @throws AncestralException (SPEC) if it is none of these
   */
  static SplitRule parse(String words) {
    String rule = words.strip();
    if (NAMES.contains(rule)) {
      return new Named(rule);
    }
    int equals = rule.indexOf('=');
    String kind = equals < 0 ? "" : rule.substring(0, equals);
    if (!kind.equals("auto") && !kind.equals("range")) {
      throw wrong(words);
    }
    List<Double> fractions = new ArrayList<>();
    for (String fraction : rule.substring(equals + 1).split(",", -1)) {
      if (!Decimal.isNumber(fraction.strip())) {
        throw wrong(words);
      }
      fractions.add(Decimal.value(fraction.strip()));
    }
    return kind.equals("auto") ? new Auto(fractions) : new Range(fractions);
  }

  private static AncestralException wrong(String text) {
    return new AncestralException(ErrorCode.SPEC, "split is " + text + "; it must be " + ALLOWED);
  }

  private static List<Double> checked(List<Double> fractions) {
    double sum = fractions.stream().mapToDouble(f -> f).sum();
    boolean each = fractions.stream().allMatch(f -> f >= 0 && f <= 1);
    if (fractions.size() != NAMES.size() || !each || Math.abs(sum - 1) > 1e-9) {
      throw wrong(text(fractions));
    }
    return List.copyOf(fractions);
  }

  private static List<String> present(List<Double> fractions) {
    return NAMES.stream().filter(name -> fractions.get(NAMES.indexOf(name)) > 0).toList();
  }

  private static String text(List<Double> fractions) {
    return String.join(
        ",", fractions.stream().map(f -> String.format(Locale.ROOT, "%s", f)).toList());
  }
}
