package dev.ancestral.job.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.Path;

/**
 * What was measured round by round: {@code metrics.jsonl}, one object a line.
 *
 * @param rounds in their order
 */
record Metrics(List<JsonNode> rounds) {
  /** Name of the file. */
  static final String FILE = "metrics.jsonl";

  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * A curve.
   *
   * @param x where it was measured
   * @param y what was measured there, finite
   */
  record Curve(List<Double> x, List<Double> y) {
    boolean isEmpty() {
      return x.isEmpty();
    }

    /**
     * The same curve for the eye: of each of so many stretches its lowest and its highest value;
     * itself where it has no more points than that.
     */
    Curve thinned(int stretches) {
      if (x.size() <= 2 * stretches) {
        return this;
      }
      List<Double> xs = new ArrayList<>();
      List<Double> ys = new ArrayList<>();
      for (int stretch = 0; stretch < stretches; stretch++) {
        int from = (int) ((long) stretch * x.size() / stretches);
        int to = (int) ((stretch + 1L) * x.size() / stretches);
        int lowest = from;
        int highest = from;
        for (int i = from; i < to; i++) {
          lowest = y.get(i) < y.get(lowest) ? i : lowest;
          highest = y.get(i) > y.get(highest) ? i : highest;
        }
        for (int i : new int[] {Math.min(lowest, highest), Math.max(lowest, highest)}) {
          xs.add(x.get(i));
          ys.add(y.get(i));
        }
      }
      return new Curve(xs, ys);
    }
  }

  /** The file of a run; no rounds if there is none. */
  static Metrics read(Storage storage, Path run) {
    Path file = new Path(run, FILE);
    List<JsonNode> rounds = new ArrayList<>();
    if (storage.exists(file)) {
      String text = new String(storage.read(file), StandardCharsets.UTF_8);
      for (String line : text.lines().filter(line -> !line.isBlank()).toList()) {
        try {
          rounds.add(JSON.readTree(line));
        } catch (JsonProcessingException e) {
          throw new AncestralException(
              ErrorCode.DATA, file + " is damaged: a line is no JSON: " + line, e);
        }
      }
    }
    return new Metrics(rounds);
  }

  /** A field against another one, where both are finite numbers. */
  Curve curve(String x, String y) {
    List<Double> xs = new ArrayList<>();
    List<Double> ys = new ArrayList<>();
    for (JsonNode round : rounds) {
      double atX = round.path(x).asDouble(Double.NaN);
      double atY = round.path(y).asDouble(Double.NaN);
      if (Double.isFinite(atX) && Double.isFinite(atY)) {
        xs.add(atX);
        ys.add(atY);
      }
    }
    return new Curve(xs, ys);
  }
}
