package dev.ancestral.job.report;

import java.util.Locale;

/**
 * A drawing in a page; its colours are among those that {@link HtmlPage} turns for dark screens.
 */
final class Svg {
  /** Of real rows. */
  static final String BLUE = "#1f5fa8";

  /** Of drawn rows. */
  static final String ORANGE = "#c4572b";

  /** Of axes. */
  static final String AXIS = "#8a97a3";

  private final StringBuilder text = new StringBuilder();

  Svg(int width, int height, String name) {
    add(
        "<svg class=\"sketch\" viewBox=\"0 0 %d %d\" role=\"img\" font-size=\"12\""
            + " fill=\"#44525f\" aria-label=\"%s\">%n",
        width, height, HtmlPage.escaped(name));
  }

  /** A filled rectangle that tells what it is when it is pointed at. */
  void rectangle(
      double x, double y, double width, double height, String color, double opacity, String tip) {
    add(
        "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\""
            + " fill-opacity=\"%.2f\"><title>%s</title></rect>%n",
        x, y, Math.max(0, width), Math.max(0, height), color, opacity, HtmlPage.escaped(tip));
  }

  void line(double x1, double y1, double x2, double y2) {
    add(
        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>%n",
        x1, y1, x2, y2, AXIS);
  }

  /**
   * A text.
   *
   * @param anchor {@code start}, {@code middle} or {@code end}
   */
  void text(double x, double y, String anchor, String words) {
    add(
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n",
        x, y, anchor, HtmlPage.escaped(words));
  }

  /** At most so many characters of a text. */
  static String shortened(String words, int most) {
    return words.length() <= most ? words : words.substring(0, most - 1) + "…";
  }

  String html() {
    return text + "</svg>";
  }

  private void add(String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values));
  }
}
