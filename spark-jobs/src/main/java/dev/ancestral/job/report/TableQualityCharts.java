package dev.ancestral.job.report;

import dev.ancestral.job.quality.Associations;
import dev.ancestral.job.quality.RocCurve;
import dev.ancestral.job.quality.TablePictures;
import dev.ancestral.job.quality.TablePictures.Histogram;
import dev.ancestral.job.quality.TableQuality;
import dev.ancestral.job.quality.TableQualityReport;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleBiFunction;

/** Pictures of a comparison of drawn rows with held-out ones. */
final class TableQualityCharts {
  private static final int WIDTH = 420;
  private static final int LABELS = 150;
  private static final int RIGHT = 10;
  private static final int PLOT_TOP = 8;
  private static final int PLOT_BOTTOM = 120;
  private static final int ROW = 18;
  private static final int CELLS = WIDTH - LABELS - RIGHT;
  private static final double WIDEST_CELL = 26;
  private static final double NARROWEST_LABEL = 13;
  private static final int MOST_LETTERS = 18;

  private final HtmlPage page;
  private final TableQualityReport report;
  private final TablePictures pictures;

  TableQualityCharts(HtmlPage page, TableQualityReport report, TablePictures pictures) {
    this.page = page;
    this.report = report;
    this.pictures = pictures;
  }

  /** Puts the pictures on the page. */
  void show() {
    TableQuality quality = report.quality();
    scores(quality);
    roc(pictures.detector());
    pictures.closest().ifPresent(this::closest);
    associations(pictures.associations());
    List<Runnable> columns = new ArrayList<>();
    for (Histogram histogram : pictures.histograms()) {
      double distance = 1 - quality.columnShapes().getOrDefault(histogram.name(), 1.0);
      String heading =
          histogram.name()
              + " · "
              + (histogram.category() ? "total variation " : "Kolmogorov–Smirnov ")
              + decimals(distance);
      columns.add(
          () -> page.drawing(heading, List.of(bars(histogram, "held-out rows", "drawn rows"))));
    }
    int others = quality.columnShapes().size() - columns.size();
    page.note(
        "Columns: held-out rows blue, drawn rows orange"
            + (others > 0 ? "; " + others + " more columns, which are more alike" : ""));
    page.columns(columns);
  }

  /** The numbers from 0 to 1. */
  private void scores(TableQuality quality) {
    Map<String, Double> scores = new LinkedHashMap<>();
    scores.put("mean column shape", quality.columnShape());
    scores.put("mean pair trend", quality.pairTrend());
    scores.put("detector AUC", quality.detector().value());
    quality.closestTrainingShare().ifPresent(share -> scores.put("nearer to training rows", share));
    Svg svg = new Svg(WIDTH, ROW * (scores.size() + 1), "scores");
    scoreBars(svg, scores);
    List<Runnable> columns = new ArrayList<>();
    columns.add(() -> page.drawing("Drawn against held-out rows", List.of(svg.html())));
    quality
        .task()
        .ifPresent(
            task -> {
              Map<String, Double> accuracies = new LinkedHashMap<>();
              accuracies.put("learned from real", task.trainedOnReal());
              accuracies.put("learned from drawn", task.trainedOnDrawn());
              accuracies.put("commonest value", task.commonest());
              Svg bars = new Svg(WIDTH, ROW * (accuracies.size() + 1), "task");
              scoreBars(bars, accuracies);
              columns.add(
                  () ->
                      page.drawing(
                          "Accuracy of predicting " + task.column() + " of held-out rows",
                          List.of(bars.html())));
            });
    page.columns(columns);
  }

  private static void scoreBars(Svg svg, Map<String, Double> scores) {
    int at = 0;
    int most = CELLS - 50;
    for (Map.Entry<String, Double> score : scores.entrySet()) {
      String color = score.getKey().equals("learned from drawn") ? Svg.ORANGE : Svg.BLUE;
      svg.text(LABELS - 6, at + 13, "end", score.getKey());
      double width = most * score.getValue();
      svg.rectangle(LABELS, at + 3, width, ROW - 6, color, 1, score.getKey());
      svg.text(LABELS + width + 6, at + 13, "start", decimals(score.getValue()));
      at += ROW;
    }
    svg.line(LABELS, 0, LABELS, at);
  }

  private void roc(RocCurve curve) {
    Map<String, Metrics.Curve> curves = new LinkedHashMap<>();
    curves.put("chance", new Metrics.Curve(List.of(0.0, 1.0), List.of(0.0, 1.0)));
    curves.put("detector", new Metrics.Curve(curve.falsePositives(), curve.truePositives()));
    LineChart.draw(
        page,
        String.format(
            Locale.ROOT,
            "Detector of drawn rows: area under the curve %.4f ± %.4f (½: it cannot tell)",
            report.quality().detector().value(),
            report.quality().detector().standardError()),
        "held-out rows that are called drawn",
        "drawn rows that are called drawn",
        curves,
        Optional.empty());
  }

  private void closest(Histogram distances) {
    Svg svg = new Svg(WIDTH, PLOT_BOTTOM + 24, distances.name());
    upright(svg, distances, "to held-out rows", "to training rows");
    page.drawing(
        "Distance of drawn rows to the closest held-out row (blue) and training row (orange);"
            + " a model that copies has its orange bars at the left",
        List.of("<div class=\"half\">", svg.html(), "</div>"));
  }

  private void associations(Associations found) {
    ToDoubleBiFunction<Integer, Integer> held = (a, b) -> found.held().get(a).get(b);
    ToDoubleBiFunction<Integer, Integer> drawn = (a, b) -> found.drawn().get(a).get(b);
    page.note(
        "Associations of columns: correlation of numbers, Cramér's V where one is a category;"
            + " blue above 0, orange below");
    page.columns(
        List.of(
            () -> page.drawing("Held-out rows", List.of(heatMap(held, "held-out rows"))),
            () -> page.drawing("Drawn rows", List.of(heatMap(drawn, "drawn rows"))),
            () ->
                page.drawing(
                    "Drawn minus held-out",
                    List.of(
                        heatMap(
                            (a, b) -> drawn.applyAsDouble(a, b) - held.applyAsDouble(a, b),
                            "difference")))));
  }

  private String heatMap(ToDoubleBiFunction<Integer, Integer> values, String name) {
    List<String> names = pictures.histograms().stream().map(Histogram::name).toList();
    int count = names.size();
    double cell = Math.min(WIDEST_CELL, (double) CELLS / Math.max(1, count));
    // Where cells are lower than letters not every one has a label.
    int every = (int) Math.ceil(NARROWEST_LABEL / cell);
    int across = (int) Math.ceil((NARROWEST_LABEL + 6) / cell);
    double top = 18;
    Svg svg = new Svg(WIDTH, (int) Math.ceil(top + count * cell + 6), name);
    for (int a = 0; a < count; a++) {
      double y = top + a * cell;
      if (a % every == 0) {
        String label = (a + 1) + " " + Svg.shortened(names.get(a), MOST_LETTERS);
        svg.text(LABELS - 6, y + cell / 2 + 4, "end", label);
      }
      if (a % across == 0) {
        svg.text(LABELS + (a + 0.5) * cell, top - 5, "middle", String.valueOf(a + 1));
      }
      for (int b = 0; b < count; b++) {
        double value = values.applyAsDouble(a, b);
        svg.rectangle(
            LABELS + b * cell,
            y,
            cell - 0.5,
            cell - 0.5,
            value < 0 ? Svg.ORANGE : Svg.BLUE,
            0.05 + 0.95 * Math.min(1, Math.abs(value)),
            names.get(a) + ", " + names.get(b) + ": " + decimals(value));
      }
    }
    return svg.html();
  }

  private static String bars(Histogram histogram, String ofHeld, String ofDrawn) {
    boolean nulls = histogram.heldNulls() + histogram.drawnNulls() > 0;
    int rows = histogram.category() ? histogram.held().size() + (nulls ? 1 : 0) : nulls ? 1 : 0;
    int above = histogram.category() ? 0 : PLOT_BOTTOM + 24;
    Svg svg = new Svg(WIDTH, above + Math.max(1, rows) * ROW + 4, histogram.name());
    double held = total(histogram.held()) + histogram.heldNulls();
    double drawn = total(histogram.drawn()) + histogram.drawnNulls();
    int at = above;
    if (histogram.category()) {
      for (int b = 0; b < histogram.held().size(); b++) {
        String label = histogram.labels().get(b);
        lying(svg, at, label, histogram.held().get(b) / held, histogram.drawn().get(b) / drawn);
        at += ROW;
      }
    } else {
      upright(svg, histogram, ofHeld, ofDrawn);
    }
    if (nulls) {
      lying(svg, at, "null", histogram.heldNulls() / held, histogram.drawnNulls() / drawn);
    }
    return svg.html();
  }

  /** Shares of one category, one above the other. */
  private static void lying(Svg svg, int at, String label, double held, double drawn) {
    svg.text(LABELS - 6, at + 13, "end", Svg.shortened(label, MOST_LETTERS));
    double most = CELLS - 4.0;
    svg.rectangle(LABELS, at + 2, most * held, 7, Svg.BLUE, 1, label + ": " + percent(held));
    svg.rectangle(LABELS, at + 9, most * drawn, 7, Svg.ORANGE, 1, label + ": " + percent(drawn));
    svg.line(LABELS, at, LABELS, at + ROW);
  }

  /** Shares of bins of numbers, side by side, with what lies at three of their edges. */
  private static void upright(Svg svg, Histogram histogram, String ofHeld, String ofDrawn) {
    int bins = histogram.held().size();
    double held = Math.max(1, total(histogram.held()));
    double drawn = Math.max(1, total(histogram.drawn()));
    double most = 0;
    for (int b = 0; b < bins; b++) {
      most = Math.max(most, histogram.held().get(b) / held);
      most = Math.max(most, histogram.drawn().get(b) / drawn);
    }
    double width = (double) (WIDTH - 2 * RIGHT) / bins;
    double height = (PLOT_BOTTOM - PLOT_TOP) / Math.max(most, Double.MIN_NORMAL);
    for (int b = 0; b < bins; b++) {
      String bin = histogram.labels().get(b) + " … " + histogram.labels().get(b + 1) + ", ";
      double x = RIGHT + b * width;
      double real = histogram.held().get(b) / held;
      double made = histogram.drawn().get(b) / drawn;
      svg.rectangle(
          x + 0.5,
          PLOT_BOTTOM - height * real,
          width / 2 - 0.5,
          height * real,
          Svg.BLUE,
          1,
          bin + ofHeld + ": " + percent(real));
      svg.rectangle(
          x + width / 2,
          PLOT_BOTTOM - height * made,
          width / 2 - 0.5,
          height * made,
          Svg.ORANGE,
          1,
          bin + ofDrawn + ": " + percent(made));
    }
    svg.line(RIGHT, PLOT_BOTTOM, WIDTH - RIGHT, PLOT_BOTTOM);
    svg.text(RIGHT, PLOT_BOTTOM + 16, "start", histogram.labels().get(0));
    svg.text(WIDTH - RIGHT, PLOT_BOTTOM + 16, "end", histogram.labels().get(bins));
    if (bins > 2) {
      int middle = bins / 2;
      svg.text(RIGHT + middle * width, PLOT_BOTTOM + 16, "middle", histogram.labels().get(middle));
    }
  }

  private static long total(List<Long> counts) {
    return counts.stream().mapToLong(n -> n).sum();
  }

  private static String decimals(double value) {
    return String.format(Locale.ROOT, "%.3f", value).replace('-', '−');
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }
}
