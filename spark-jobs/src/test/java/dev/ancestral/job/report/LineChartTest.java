package dev.ancestral.job.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LineChartTest {

  private static List<String> labels(double from, double to, int most) {
    Ticks ticks = Ticks.within(from, to, most);
    return ticks.values().stream().map(ticks::label).toList();
  }

  @Test
  void marks_are_round_numbers() {
    assertEquals(List.of("0", "20", "40", "60", "80"), labels(0, 83.3333333333333, 6));
    assertEquals(List.of("0", "2", "4", "6", "8", "10"), labels(0, 10, 6));
    assertEquals(List.of("−350", "−300", "−250", "−200"), labels(-351, -190, 6));
    assertEquals(List.of("0.00", "0.05", "0.10", "0.15"), labels(0, 0.19, 6));
    assertEquals(List.of("−0.2", "0.0", "0.2"), labels(-0.37, 0.37, 5));
    assertEquals(List.of("0", "5,000", "10,000"), labels(0, 12_345, 5));
    assertEquals(List.of("100"), labels(99.5, 100.4, 1));
    assertEquals(List.of("2.00e+09", "4.00e+09"), labels(1.5e9, 4.5e9, 3));
  }

  @Test
  void there_are_no_more_marks_than_fit() {
    for (int i = 1; i < 400; i++) {
      double from = -Math.pow(1.1, i % 60);
      double to = from + Math.pow(1.07, i);
      assertTrue(Ticks.within(from, to, 10).values().size() <= 10, from + " to " + to);
    }
  }

  private static String drawn(Metrics.Curve curve, Optional<LineChart.Mark> mark) {
    HtmlPage page = new HtmlPage("a run", "");
    LineChart.draw(page, "Curve", "epoch", "nats", Map.of("training", curve), mark);
    return page.html();
  }

  @Test
  void a_curve_is_drawn_for_wide_and_for_narrow_screens() {
    List<Double> epochs = IntStream.rangeClosed(1, 40).mapToObj(i -> i * 2.083333333).toList();
    String html =
        drawn(
            new Metrics.Curve(epochs, epochs.stream().map(e -> -100 - 50 / e).toList()),
            Optional.of(new LineChart.Mark(epochs.get(12), "kept")));
    assertTrue(html.contains("<svg class=\"wide\"") && html.contains("<svg class=\"narrow\""));
    assertTrue(html.contains(">80</text>") && html.contains(">kept</text>"), html);
    assertFalse(html.contains("2.08"), html);
  }

  @Test
  void one_point_and_equal_values_are_drawn() {
    String point = drawn(new Metrics.Curve(List.of(1.0), List.of(-5.0)), Optional.empty());
    String flat = drawn(new Metrics.Curve(List.of(0.0, 1.0), List.of(0.0, 0.0)), Optional.empty());
    for (String html : List.of(point, flat)) {
      assertFalse(html.contains("NaN") || html.contains("Infinity"), html);
      assertTrue(html.contains("<circle"), html);
    }
  }

  @Test
  void a_page_does_not_grow_with_the_rounds() {
    List<Double> xs = IntStream.range(0, 100_000).mapToObj(i -> (double) i).toList();
    List<Double> ys = IntStream.range(0, 100_000).mapToObj(i -> i == 777 ? 9.0 : i % 2).toList();
    Metrics.Curve thinned = new Metrics.Curve(xs, ys).thinned(400);
    assertEquals(800, thinned.x().size());
    assertTrue(thinned.y().contains(9.0), "a peak is not lost");
    assertTrue(drawn(new Metrics.Curve(xs, ys), Optional.empty()).length() < 60_000);
  }
}
