package dev.ancestral.data.source;

import dev.ancestral.Refusal;
import dev.ancestral.data.Payload;
import dev.ancestral.model.Settings;
import java.util.HashSet;
import java.util.List;
import java.util.function.Function;

/** Reads formats and their options from settings. */
public final class Sources {
  private static final String[] FORMATS = {
    "idx", "images", "wav", "text", "matrix", "sequences", "synthetic", "table"
  };

  private Sources() {}

  /**
   * The source that {@code format} and the options of that format say. Problems go to the settings;
   * the result is then of no use.
   */
  public static Source read(Settings settings) {
    String format = settings.text("format", null, FORMATS);
    if (format == null) {
      return new Matrix();
    }
    return switch (format) {
      case "idx" -> new Idx(settings.texts("labels", List.of()));
      case "images" -> new Images(expression(settings, "labelPattern"), include(settings));
      case "wav" -> new Wav(expression(settings, "labelPattern"), include(settings));
      case "text" -> new Text(settings.count("length", 256, 1, 1 << 24));
      case "sequences" ->
          new Sequences(
              settings.count("first", 21, Integer.MIN_VALUE, Integer.MAX_VALUE),
              settings.count("size", 88, 1, 1 << 20),
              settings.flag("missing", false));
      case "synthetic" ->
          new Synthetic(
              distribution(settings),
              settings.integer("count", null, 1, Long.MAX_VALUE),
              settings.integer("seed", 0L, Long.MIN_VALUE, Long.MAX_VALUE));
      case "table" ->
          new Table(
              columns(settings),
              settings.text("label", ""),
              settings.count("levels", 0, 0, 1 << 16),
              settings.flag("continuous", false),
              settings.flag("missing", false));
      default ->
          new Matrix(
              settings.count("levels", 0, 0, Payload.MOST_LEVELS), settings.flag("missing", false));
    };
  }

  private static List<String> columns(Settings settings) {
    List<String> columns = settings.texts("columns", List.of());
    String label = settings.text("label", "");
    if (new HashSet<>(columns).size() < columns.size() || columns.contains(label)) {
      settings.wrong("columns", columns, "names of which each is there once, and not the label's");
    }
    return columns;
  }

  private static Distribution distribution(Settings settings) {
    String kind =
        settings.text("kind", "digits", "digits", "bernoulli", "markov", "parity", "gaussian");
    return switch (kind) {
      case "bernoulli" -> {
        List<Double> probabilities = settings.numbers("probabilities", List.of(), 0, 1);
        int size = settings.count("size", 16, 1, 1 << 20);
        yield probabilities.isEmpty() ? Bernoulli.rising(size) : new Bernoulli(probabilities);
      }
      case "markov" ->
          new Markov(
              settings.count("levels", 2, 2, Payload.MOST_LEVELS),
              settings.count("length", 16, 1, 1 << 20),
              settings.number("stay", 0.9, 0, 1),
              settings.flag("sequence", false));
      case "parity" -> new Parity(settings.count("size", 8, 2, 1 << 20));
      case "gaussian" ->
          new Gaussian(
              settings.count("size", 8, 1, 1 << 20),
              settings.number("correlation", 0.5, -0.999999, 0.999999));
      default -> new Digits();
    };
  }

  private static String include(Settings settings) {
    return expression(settings, "include");
  }

  private static String expression(Settings settings, String key) {
    return parsed(
        settings,
        key,
        "",
        "a regular expression",
        text -> {
          FileFormat.check(key, text);
          return text;
        },
        "");
  }

  /** A text that is parsed; what the parser refuses is reported, and the default returned. */
  public static <T> T parsed(
      Settings settings,
      String key,
      String byDefault,
      String allowed,
      Function<String, T> parser,
      T otherwise) {
    String text = settings.text(key, byDefault);
    try {
      return parser.apply(text);
    } catch (Refusal e) {
      settings.wrong(key, text, allowed);
      return otherwise;
    }
  }
}
