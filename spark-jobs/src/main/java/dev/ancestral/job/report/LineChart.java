package dev.ancestral.job.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Up to two curves over one axis, as a part of a page. */
final class LineChart {
  private static final int WIDTH = 860;
  private static final int HEIGHT = 320;
  private static final int MOST_MARKERS = 60;
  private static final Color[] COLORS = {new Color(0x1F5FA8), new Color(0xC4572B)};

  private LineChart() {}

  /**
   * Draws curves; where this Java cannot, the page says so.
   *
   * @param across name of the axis that they share
   * @param unit of their values
   * @param curves by name, none of them empty
   */
  static void draw(
      HtmlPage page, String title, String across, String unit, Map<String, Metrics.Curve> curves) {
    try {
      page.drawing(title, svg(across, unit, curves));
    } catch (LinkageError | InternalError noFonts) {
      // Java without its font libraries, as on many servers: a run must not fail for a picture.
      page.text(title, "not drawn: this Java has no font libraries");
    }
  }

  private static String svg(String across, String unit, Map<String, Metrics.Curve> curves) {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .xAxisTitle(across)
            .yAxisTitle(unit)
            .build();
    style(chart.getStyler(), curves.size() > 1);
    curves.forEach(
        (name, curve) -> {
          Color color = COLORS[chart.getSeriesMap().size()];
          XYSeries series = chart.addSeries(name, curve.x(), curve.y());
          series.setMarker(
              curve.x().size() > MOST_MARKERS ? SeriesMarkers.NONE : SeriesMarkers.CIRCLE);
          series.setLineColor(color);
          series.setMarkerColor(color);
          series.setLineStyle(new BasicStroke(1.5f));
        });
    ByteArrayOutputStream svg = new ByteArrayOutputStream();
    try {
      VectorGraphicsEncoder.saveVectorGraphic(chart, svg, VectorGraphicsFormat.SVG);
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory does not fail", e);
    }
    return svg.toString(StandardCharsets.UTF_8);
  }

  private static void style(Styler styler, boolean legend) {
    styler.setChartBackgroundColor(Color.WHITE);
    styler.setLegendVisible(legend);
    styler.setLegendPosition(Styler.LegendPosition.InsideSE);
    styler.setChartTitleVisible(false);
  }
}
