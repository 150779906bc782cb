package dev.ancestral.job.report;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Up to two curves over one axis, as SVG in a page: once for wide and once for narrow screens, of
 * which the page shows one, so that its letters are legible on both.
 */
final class LineChart {
  private static final Size WIDE = new Size("wide", 900, 300, 10);
  private static final Size NARROW = new Size("narrow", 420, 260, 5);
  private static final int LEFT = 64;
  private static final int RIGHT = 14;
  private static final int TOP = 26;
  private static final int BOTTOM = 42;
  private static final int MOST_MARKERS = 60;
  // More points than this are no more than a pixel apart.
  private static final int BINS = 400;
  private static final String[] COLORS = {"#1f5fa8", "#c4572b"};

  private final String across;
  private final String unit;
  private final Map<String, Metrics.Curve> curves;
  private final Optional<Mark> mark;

  private record Size(String name, int width, int height, int ticks) {}

  /**
   * A point that is pointed out.
   *
   * @param x where it is on the shared axis
   * @param name what is there
   */
  record Mark(double x, String name) {}

  private LineChart(
      String across, String unit, Map<String, Metrics.Curve> curves, Optional<Mark> mark) {
    this.across = across;
    this.unit = unit;
    this.curves = curves;
    this.mark = mark;
  }

  /**
   * Draws curves.
   *
   * @param across name of the axis that they share
   * @param unit of their values
   * @param curves by name, none of them empty
   * @param mark a point on the shared axis to be pointed out
   */
  static void draw(
      HtmlPage page,
      String title,
      String across,
      String unit,
      Map<String, Metrics.Curve> curves,
      Optional<Mark> mark) {
    LineChart chart = new LineChart(across, unit, curves, mark);
    page.drawing(title, List.of(chart.svg(WIDE), chart.svg(NARROW)));
  }

  /** Draws one curve small, for screens of any width. */
  static void sketch(HtmlPage page, String title, String across, Metrics.Curve curve) {
    LineChart chart = new LineChart(across, "", Map.of("", curve), Optional.empty());
    page.drawing(title, List.of(chart.svg(new Size("sketch", 420, 150, 5))));
  }

  private String svg(Size size) {
    Range x = Range.fromZero(curves.values().stream().map(Metrics.Curve::x).toList());
    Range y = yRange();
    Ticks xTicks = Ticks.within(x.least(), x.most(), size.ticks());
    Ticks yTicks = Ticks.within(y.least(), y.most(), 6);
    StringBuilder svg = new StringBuilder();
    add(
        svg,
        "<svg class=\"%s\" viewBox=\"0 0 %d %d\" role=\"img\" font-size=\"13\" fill=\"#44525f\">\n",
        size.name(),
        size.width(),
        size.height());
    int bottom = size.height() - BOTTOM;
    for (double value : yTicks.values()) {
      double at = y.place(value, bottom, TOP);
      line(svg, LEFT, at, size.width() - RIGHT, at, "#e3e8ed");
      text(svg, LEFT - 8, at + 4, "end", yTicks.label(value));
    }
    for (double value : xTicks.values()) {
      double at = x.place(value, LEFT, size.width() - RIGHT);
      line(svg, at, bottom, at, bottom + 5, "#8a97a3");
      text(svg, at, bottom + 19, "middle", xTicks.label(value));
    }
    line(svg, LEFT, bottom, size.width() - RIGHT, bottom, "#8a97a3");
    text(svg, (LEFT + size.width() - RIGHT) / 2.0, size.height() - 5, "middle", across);
    text(svg, 4, 14, "start", unit);
    mark.ifPresent(point -> mark(svg, size, point, x.place(point.x(), LEFT, size.width() - RIGHT)));
    int index = 0;
    for (Map.Entry<String, Metrics.Curve> curve : curves.entrySet()) {
      curve(svg, size, curve.getValue(), x, y, COLORS[index % COLORS.length]);
      index++;
    }
    if (curves.size() > 1) {
      legend(svg, size);
    }
    return svg.append("</svg>").toString();
  }

  private static void mark(StringBuilder svg, Size size, Mark mark, double at) {
    add(
        svg,
        "<line x1=\"%1$.1f\" y1=\"%2$d\" x2=\"%1$.1f\" y2=\"%3$d\" stroke=\"#8a97a3\""
            + " stroke-dasharray=\"4 4\"/>\n",
        at,
        TOP,
        size.height() - BOTTOM);
    boolean right = at > size.width() / 2.0;
    text(
        svg,
        right ? at - 6 : at + 6,
        size.height() - BOTTOM - 8,
        right ? "end" : "start",
        mark.name());
  }

  /** A first value far from all others would flatten the rest: the curve begins outside then. */
  private Range yRange() {
    List<List<Double>> values = curves.values().stream().map(Metrics.Curve::y).toList();
    Range all = Range.of(values, 0.05);
    Range later =
        Range.of(
            values.stream().map(list -> list.subList((list.size() + 9) / 20, list.size())).toList(),
            0.05);
    return all.width() > 3 * later.width() && later.isDrawn() ? later : all;
  }

  private static void curve(
      StringBuilder svg, Size size, Metrics.Curve all, Range x, Range y, String color) {
    Metrics.Curve curve = all.thinned(BINS);
    int right = size.width() - RIGHT;
    int bottom = size.height() - BOTTOM;
    StringBuilder points = new StringBuilder();
    StringBuilder markers = new StringBuilder();
    for (int i = 0; i < curve.x().size(); i++) {
      double atX = x.place(curve.x().get(i), LEFT, right);
      double atY = y.place(curve.y().get(i), bottom, TOP);
      add(points, "%.1f,%.1f ", atX, atY);
      if (curve.x().size() <= MOST_MARKERS && atY <= bottom + 1 && atY >= TOP - 1) {
        add(markers, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\" fill=\"%s\"/>", atX, atY, color);
      }
    }
    // An SVG of its own is a frame: what lies outside is not drawn.
    add(
        svg,
        "<svg x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" viewBox=\"%1$d %2$d %3$d %4$d\">",
        LEFT - 4,
        TOP - 4,
        right - LEFT + 8,
        bottom - TOP + 8);
    add(
        svg,
        "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"1.6\""
            + " stroke-linejoin=\"round\"/>%s</svg>\n",
        points.toString().strip(),
        color,
        markers);
  }

  private void legend(StringBuilder svg, Size size) {
    int index = 0;
    int at = size.width() - RIGHT;
    for (String name :
        curves.keySet().stream().sorted(java.util.Comparator.reverseOrder()).toList()) {
      String color = COLORS[(curves.size() - 1 - index) % COLORS.length];
      add(
          svg,
          "<text x=\"%d\" y=\"14\" text-anchor=\"end\" fill=\"%s\">● %s</text>\n",
          at,
          color,
          HtmlPage.escaped(name));
      at -= 40 + 8 * name.length();
      index++;
    }
  }

  private static void line(
      StringBuilder svg, double x1, double y1, double x2, double y2, String color) {
    add(
        svg,
        "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>\n",
        x1,
        y1,
        x2,
        y2,
        color);
  }

  private static void text(StringBuilder svg, double x, double y, String anchor, String text) {
    add(
        svg,
        "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n",
        x,
        y,
        anchor,
        HtmlPage.escaped(text));
  }

  private static void add(StringBuilder to, String format, Object... values) {
    to.append(String.format(Locale.ROOT, format, values));
  }

  /** An interval of values and where they are drawn. */
  private record Range(double least, double most) {
    static Range of(List<List<Double>> values, double margin) {
      double least = Double.POSITIVE_INFINITY;
      double most = Double.NEGATIVE_INFINITY;
      for (List<Double> list : values) {
        for (double value : list) {
          least = Math.min(least, value);
          most = Math.max(most, value);
        }
      }
      double around =
          most > least ? margin * (most - least) : Math.max(1e-3, Math.abs(least) / 100);
      return new Range(least - around, most + around);
    }

    static Range fromZero(List<List<Double>> values) {
      Range range = of(values, 0);
      return new Range(Math.min(0, range.least()), range.most());
    }

    double width() {
      return most - least;
    }

    boolean isDrawn() {
      return Double.isFinite(width());
    }

    double place(double value, double from, double to) {
      return from + (value - least) / width() * (to - from);
    }
  }
}
