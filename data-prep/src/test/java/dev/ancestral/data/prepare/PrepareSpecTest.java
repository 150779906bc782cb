package dev.ancestral.data.prepare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.data.source.Source;
import dev.ancestral.data.source.array.Idx;
import dev.ancestral.data.source.array.Matrix;
import dev.ancestral.data.source.image.Images;
import dev.ancestral.data.source.sequence.RealSequences;
import dev.ancestral.data.source.sequence.Sequences;
import dev.ancestral.data.source.sequence.Text;
import dev.ancestral.data.source.sequence.Wav;
import dev.ancestral.data.source.synthetic.Bernoulli;
import dev.ancestral.data.source.synthetic.Digits;
import dev.ancestral.data.source.synthetic.Gaussian;
import dev.ancestral.data.source.synthetic.Markov;
import dev.ancestral.data.source.synthetic.Parity;
import dev.ancestral.data.source.synthetic.Synthetic;
import dev.ancestral.data.source.table.Table;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PrepareSpecTest {
  private static Map<String, Object> map(Object... keysAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }

  private static PrepareSpec read(Object... keysAndValues) {
    Settings settings = Settings.of(map(keysAndValues));
    PrepareSpec spec = PrepareSpec.read(settings);
    assertEquals(List.of(), settings.problems());
    return spec;
  }

  private static void assertProblem(String expected, Object... keysAndValues) {
    Settings settings = Settings.of(map(keysAndValues));
    PrepareSpec.read(settings);
    assertTrue(
        settings.problems().stream().anyMatch(problem -> problem.contains(expected)),
        settings.problems().toString());
  }

  private static Source source(Object... keysAndValues) {
    return read(keysAndValues).source();
  }

  @Test
  void every_format_reads_its_options() {
    assertEquals(
        new Idx(List.of("l")), source("format", "idx", "input", "a", "labels", List.of("l")));
    assertEquals(new Matrix(), source("format", "matrix", "input", List.of("a", "b")));
    assertEquals(new Matrix(9), source("format", "matrix", "input", "a", "levels", 9));
    assertEquals(new Matrix(0, true), source("format", "matrix", "input", "a", "missing", true));
    assertEquals(
        new Sequences(21, 88, true), source("format", "sequences", "input", "a", "missing", true));
    assertEquals(
        new Table(List.of(), "", 0, false, true),
        source("format", "table", "input", "a", "missing", true));
    assertProblem("missing", "format", "idx", "input", "a", "missing", true);
    assertEquals(
        new Images("(\\d)", "x"),
        source("format", "images", "input", "a", "labelPattern", "(\\d)", "include", "x"));
    assertEquals(new Wav("", "test"), source("format", "wav", "input", "a", "include", "test"));
    assertEquals(new Text(50), source("format", "text", "input", "a", "length", 50));
    assertEquals(new Text(256), source("format", "text", "input", "a", "example", "block"));
    assertEquals(
        new Text(Text.Extent.FILE, 1 << 24, false),
        source("format", "text", "input", "a", "example", "file"));
    assertEquals(
        new Text(Text.Extent.LINE, 1 << 24, true),
        source("format", "text", "input", "a", "example", "line", "end", "learned"));
    assertProblem("end", "format", "text", "input", "a", "end", "learned");
    assertProblem("length", "format", "text", "input", "a", "example", "line", "length", 9);
    assertProblem("example", "format", "text", "input", "a", "example", "word");
    assertEquals(
        new Synthetic(new Markov(2, 16, 0.9, true, true), 9, 0),
        source("format", "synthetic", "kind", "markov", "count", 9, "end", "learned"));
    assertEquals(
        new Sequences(20, 9), source("format", "sequences", "input", "a", "first", 20, "size", 9));
    // Vectors or rows, as the columns say; as vectors under the text that it always had.
    assertEquals(
        new RealSequences(2, true),
        source(
            "format", "sequences", "input", "a", "continuous", true, "size", 2, "missing", true));
    assertEquals(
        new RealSequences(1, false),
        source("format", "sequences", "input", "a", "continuous", true));
    assertProblem("first", "format", "sequences", "input", "a", "continuous", true, "first", 2);
    assertEquals(
        new Table(List.of("x"), "y").toString(),
        source("format", "table", "input", "a", "columns", "x", "label", "y").toString());
    assertEquals(
        "rows of files columns [x] with {x=real} keys [k] label y, nulls are missing",
        source(
                "format",
                "table",
                "input",
                "a",
                "columns",
                "x",
                "label",
                "y",
                "key",
                "k",
                "column",
                Map.of("x", "real"),
                "nulls",
                "missing")
            .toString());
    assertProblem("levels", "format", "table", "input", "a", "drop", "x", "levels", 3);
    assertProblem("column.x", "format", "table", "input", "a", "column", Map.of("x", "whole"));
    assertProblem("query", "format", "table", "table", "t", "query", "SELECT 1");
    assertEquals(
        "events in the order of [t], rows of files keys [u]",
        source("format", "events", "input", "a", "groupBy", "u", "orderBy", "t").toString());
    assertProblem("orderBy", "format", "events", "input", "a", "groupBy", "u");
    assertEquals(
        new Synthetic(new Digits(), 9, 4), source("format", "synthetic", "count", 9, "seed", 4));
    assertEquals(
        new Synthetic(new Bernoulli(List.of(0.5, 1.0)), 9, 0),
        source(
            "format",
            "synthetic",
            "kind",
            "bernoulli",
            "count",
            9,
            "probabilities",
            List.of(0.5, 1)));
    assertEquals(
        new Synthetic(new Markov(3, 5, 0.5, true), 9, 0),
        source(
            "format",
            "synthetic",
            "kind",
            "markov",
            "count",
            9,
            "levels",
            3,
            "length",
            5,
            "stay",
            0.5,
            "sequence",
            true));
    assertEquals(
        new Synthetic(new Parity(6), 9, 0),
        source("format", "synthetic", "kind", "parity", "count", 9, "size", 6));
    assertEquals(
        new Synthetic(new Gaussian(6, 0.25), 9, 0),
        source(
            "format", "synthetic", "kind", "gaussian", "count", 9, "size", 6, "correlation", 0.25));
  }

  @Test
  void common_options_have_defaults() {
    PrepareSpec least = read("format", "matrix", "input", "a");
    assertEquals(
        new PrepareSpec(
            new Matrix(),
            List.of("a"),
            new SplitRule.Named("train"),
            new Binarization.None(),
            Long.MAX_VALUE,
            0,
            0),
        least);
    PrepareSpec most =
        read(
            "format",
            "matrix",
            "input",
            "a",
            "split",
            "auto=0.8,0.1,0.1",
            "binarize",
            "threshold=3",
            "limit",
            7,
            "shardSize",
            5,
            "seed",
            9);
    assertEquals(new SplitRule.Auto(List.of(0.8, 0.1, 0.1)), most.split());
    assertEquals(new Binarization.Threshold(3), most.binarize());
    assertEquals(7, most.limit());
    assertEquals(5, most.shardSize());
    assertEquals(9, most.seed());
  }

  @Test
  void what_is_wrong_is_reported_all_at_once() {
    assertProblem("format is missing", "input", "a");
    assertProblem("format is tiff; it must be one of idx", "format", "tiff", "input", "a");
    assertProblem("input is missing", "format", "idx");
    assertProblem("count is missing", "format", "synthetic");
    assertProblem("kind is not a known key", "format", "idx", "input", "a", "kind", "digits");
    assertProblem("split is dev; it must be train", "format", "idx", "input", "a", "split", "dev");
    assertProblem(
        "split is auto=0.5,0.1,0.1", "format", "idx", "input", "a", "split", "auto=0.5,0.1,0.1");
    assertProblem(
        "binarize is threshold=x", "format", "idx", "input", "a", "binarize", "threshold=x");
    assertProblem(
        "include is *.png; it must be a regular expression",
        "format",
        "images",
        "input",
        "a",
        "include",
        "*.png");
    assertProblem("input is [a]", "format", "synthetic", "count", 3, "input", "a");
    Settings settings = Settings.of(map("format", "idx", "split", "dev", "limit", 0, "size", 3));
    PrepareSpec.read(settings);
    assertEquals(4, settings.problems().size(), settings.problems().toString());
  }

  @Test
  void rules_are_refused_with_what_is_allowed() {
    for (String split : List.of("auto", "auto=1", "auto=0.5,0.5", "range=a,b,c", "range=2,-1,0")) {
      AncestralException refusal =
          assertThrows(AncestralException.class, () -> SplitRule.parse(split));
      assertEquals(ErrorCode.SPEC, refusal.code());
      assertTrue(refusal.getMessage().contains("auto=0.8,0.1,0.1"), refusal.getMessage());
    }
    assertEquals("auto=0.8,0.1,0.1", SplitRule.parse(" auto=0.8, 0.1,0.1").toString());
    assertEquals(List.of("train", "test"), SplitRule.parse("range=0.9,0,0.1").names());
    assertThrows(AncestralException.class, () -> Binarization.parse("threshold"));
  }

  @Test
  void files_are_named_where_they_are_read_and_only_there() {
    PrepareSpec files = PrepareSpec.of(new Matrix(), List.of(), "train");
    assertEquals(ErrorCode.SPEC, assertThrows(AncestralException.class, files::check).code());
    PrepareSpec none = PrepareSpec.of(new Synthetic(new Digits(), 3, 0), List.of("a"), "train");
    assertTrue(
        assertThrows(AncestralException.class, none::check).getMessage().contains("leave it out"));
  }
}
