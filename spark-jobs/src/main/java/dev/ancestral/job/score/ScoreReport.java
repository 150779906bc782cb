package dev.ancestral.job.score;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a job of scoring made.
 *
 * @param examples rows
 * @param meanNats mean log-likelihood; −∞ if a row is impossible, NaN of no rows
 * @param standardError of the mean over rows; NaN of fewer than two
 * @param kind exact, lower-bound, upper-bound or estimate
 * @param statement what the numbers say: {@code log p(x) =}
 * @param estimator that made them
 * @param discrete columns whose values have a mass
 * @param continuous columns whose values have a density, in the units of the data
 * @param notes what a person should know of the columns that were written
 * @param place where the rows are
 */
public record ScoreReport(
    long examples,
    double meanNats,
    double standardError,
    String kind,
    String statement,
    String estimator,
    List<String> discrete,
    List<String> continuous,
    List<String> notes,
    String place) {

  private static final int MOST_NAMED = 20;

  public ScoreReport {
    discrete = List.copyOf(discrete);
    continuous = List.copyOf(continuous);
    notes = List.copyOf(notes);
  }

  /** For a person. */
  public String summary() {
    StringBuilder text = new StringBuilder();
    if (examples == 0) {
      text.append("no rows to score");
    } else {
      text.append(
          String.format(
              Locale.ROOT,
              "%s %.6f ± %.6f nats a row (%s, %,d rows)",
              statement,
              meanNats,
              standardError,
              estimator.equals(kind) ? kind : estimator + ", " + kind,
              examples));
    }
    text.append("\nmasses of: ").append(named(discrete));
    text.append("\ndensities of: ").append(named(continuous));
    notes.forEach(note -> text.append("\nnote: ").append(note));
    return text.append("\nrows: ").append(place).toString();
  }

  private static String named(List<String> columns) {
    if (columns.isEmpty()) {
      return "no column";
    }
    int named = Math.min(MOST_NAMED, columns.size());
    return String.join(", ", columns.subList(0, named))
        + (named < columns.size() ? " and " + (columns.size() - named) + " more" : "");
  }

  /** Writes the fields to a manifest. */
  void putTo(ObjectNode json) {
    json.put("examples", examples);
    put(json, "mean_log_likelihood_nats", meanNats);
    put(json, "standard_error", standardError);
    json.put("kind", kind);
    json.put("statement", statement);
    json.put("estimator", estimator);
    discrete.forEach(json.putArray("discrete_columns")::add);
    continuous.forEach(json.putArray("continuous_columns")::add);
    notes.forEach(json.putArray("notes")::add);
  }

  /** JSON has no number for an infinity, nor for what is not a number. */
  private static void put(ObjectNode json, String name, double value) {
    if (Double.isFinite(value)) {
      json.put(name, value);
    } else {
      json.put(name, String.valueOf(value));
    }
  }

  /** The report in a manifest. */
  static ScoreReport of(ObjectNode json, String place) {
    return new ScoreReport(
        json.path("examples").asLong(),
        Double.parseDouble(json.path("mean_log_likelihood_nats").asText("NaN")),
        Double.parseDouble(json.path("standard_error").asText("NaN")),
        json.path("kind").asText(),
        json.path("statement").asText(),
        json.path("estimator").asText(),
        texts(json.path("discrete_columns")),
        texts(json.path("continuous_columns")),
        texts(json.path("notes")),
        place);
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }
}
