package dev.ancestral.job.report;

import dev.ancestral.data.Storage;
import dev.ancestral.job.ModelDirectory;
import java.awt.BasicStroke;
import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.hadoop.fs.Path;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * {@code report.html} of a run: its settings, its curves and, once there are some, its samples. The
 * page holds everything it shows and loads nothing.
 */
public final class RunReport {
  /** Name of the file. */
  public static final String FILE = "report.html";

  private static final String PREVIEW = "preview.png";
  private static final int MOST_MARKERS = 60;
  private static final Color[] COLORS = {new Color(0x1F5FA8), new Color(0xC4572B)};

  private final Storage storage;
  private final Path run;

  /** The report of a run. */
  public RunReport(Storage storage, String run) {
    this.storage = storage;
    this.run = storage.path(run);
  }

  /** Whether the run has a page. */
  public boolean exists() {
    return storage.exists(new Path(run, FILE));
  }

  /**
   * Writes the page.
   *
   * @param samples directory of a generation, if there is one
   */
  public void write(Optional<String> samples) {
    Metrics metrics = Metrics.read(storage, run);
    HtmlPage page =
        new HtmlPage(run.getName().equals("run") ? run.getParent().getName() : run.getName());
    Map<String, String> facts = new LinkedHashMap<>();
    if (storage.exists(new Path(run, ModelDirectory.PARAMETERS))
        && storage.exists(new Path(run, ModelDirectory.DESCRIPTION))) {
      ModelDirectory model = ModelDirectory.open(storage, run.toString());
      facts.put("family", model.family());
      model.description().model().forEach((key, value) -> facts.put(key, String.valueOf(value)));
      facts.put("examples are", model.event().describe());
      model
          .description()
          .provenance()
          .forEach((key, value) -> facts.put(key.replace('_', ' '), String.valueOf(value)));
      facts.put("weights SHA-256", model.weightsSha256());
    }
    page.table("Run", facts);
    chart(
        page,
        metrics,
        "Log-likelihood, or its bound, in nats an example",
        "nats",
        Map.of("training", "train_nats", "validation", "valid_nats"));
    chart(
        page,
        metrics,
        "Mean payoff of each player, which it ascends",
        "payoff",
        Map.of("discriminator", "discriminator_objective", "generator", "generator_objective"));
    chart(
        page,
        metrics,
        "Distance of features of draws and of held-out examples",
        "squared distance",
        Map.of("feature distance", "feature_distance"));
    chart(page, metrics, "Classes among draws", "classes", Map.of("classes", "modes_covered"));
    chart(
        page,
        metrics,
        "Training examples a second",
        "examples/s",
        Map.of("examples/s", "examples_per_second"));
    samples
        .map(uri -> new Path(storage.path(uri), PREVIEW))
        .filter(storage::exists)
        .ifPresent(
            file ->
                page.picture(
                    "Samples",
                    "data:image/png;base64,"
                        + Base64.getEncoder().encodeToString(storage.read(file))));
    storage.commit(new Path(run, FILE), page.html().getBytes(StandardCharsets.UTF_8));
  }

  private static void chart(
      HtmlPage page, Metrics metrics, String title, String unit, Map<String, String> fields) {
    Map<String, Metrics.Curve> curves = new TreeMap<>();
    fields.forEach((name, field) -> curves.put(name, metrics.curve("epoch", field)));
    curves.values().removeIf(Metrics.Curve::isEmpty);
    if (curves.isEmpty()) {
      return;
    }
    try {
      page.drawing(title, svg(unit, curves));
    } catch (LinkageError | InternalError noFonts) {
      // Java without its font libraries, as on many servers: a run must not fail for a picture.
      page.text(title, "not drawn: this Java has no font libraries; see " + Metrics.FILE);
    }
  }

  private static String svg(String unit, Map<String, Metrics.Curve> curves) {
    XYChart chart =
        new XYChartBuilder().width(860).height(320).xAxisTitle("epoch").yAxisTitle(unit).build();
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
