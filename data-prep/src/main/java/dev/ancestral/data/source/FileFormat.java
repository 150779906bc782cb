package dev.ancestral.data.source;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.data.Example;
import dev.ancestral.data.Storage;
import dev.ancestral.model.EventSpec;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A format with one example a file. The first pass looks at names alone, and at the first file,
 * which fixes the event; the others are opened once, where they are written, unless the first file
 * leaves open whether they need more ({@link #widest}).
 */
public interface FileFormat extends Source {

  /** Expression whose first group, on the file name, is the label; empty if there are none. */
  String labelPattern();

  /** Whether the name of the folder that a file lies in is its label. */
  default boolean labelsByFolder() {
    return false;
  }

  /** What the file holds, without labels. */
  EventSpec event(Storage storage, InputFile file);

  /**
   * What the examples are if some need more than the first file shows; the same event where the
   * first file shows it all.
   */
  default EventSpec widest(EventSpec event) {
    return event;
  }

  /** Whether a file needs {@link #widest}. */
  default boolean needsWidest(Storage storage, InputFile file) {
    return false;
  }

  /**
   * The elements of a file.
   *
   * @param event that it must fit
   * @param from the file that fixed the event, for messages
   * @throws AncestralException (DATA) if it is damaged or does not fit
   */
  Elements read(Storage storage, InputFile file, EventSpec event, String from);

  /**
   * What was read.
   *
   * @param payload in its stored form
   * @param length steps of a sequence, or {@link Example#NONE}
   */
  record Elements(byte[] payload, int length) {}

  @Override
  default Survey survey(SourceContext context) {
    return FileSurvey.of(this, context);
  }

  /** Files with one of these endings, or those that the expression finds in their name. */
  static boolean accepts(String fileName, String include, List<String> endings) {
    if (!include.isEmpty()) {
      return Pattern.compile(include).matcher(fileName).find();
    }
    String lower = fileName.toLowerCase(Locale.ROOT);
    return endings.stream().anyMatch(lower::endsWith);
  }

  /**
   * Refuses an expression that is none.
   *
   * @throws AncestralException (SPEC)
   */
  static void check(String name, String expression) {
    try {
      Pattern.compile(expression);
    } catch (PatternSyntaxException e) {
      throw new AncestralException(
          ErrorCode.SPEC,
          name + " '" + expression + "' is no regular expression: " + e.getDescription(),
          e);
    }
  }

  /** The two expressions as {@code toString} of a format tells them. */
  static String options(String labelPattern, String include) {
    return (labelPattern.isEmpty() ? "" : " labelled by '" + labelPattern + "'")
        + (include.isEmpty() ? "" : " named '" + include + "'");
  }

  /** The regular expression of an option, empty if there is none; a wrong one is reported. */
  static String expression(Settings settings, String key) {
    return Sources.parsed(
        settings,
        key,
        "",
        "a regular expression",
        text -> {
          check(key, text);
          return text;
        },
        "");
  }
}
