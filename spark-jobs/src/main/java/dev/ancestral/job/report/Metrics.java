package dev.ancestral.job.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ancestral.Refusal;
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
          throw new Refusal(Refusal.Kind.DATA, file + " is damaged: a line is no JSON: " + line, e);
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

  /** A field of the last round, or a dash. */
  String last(String field) {
    return rounds.isEmpty() ? "–" : rounds.get(rounds.size() - 1).path(field).asText("–");
  }
}
