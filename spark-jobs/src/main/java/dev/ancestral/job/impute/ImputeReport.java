package dev.ancestral.job.impute;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a job of imputing made.
 *
 * @param rows that were written: those of the input times the draws
 * @param filled cells by column, over all draws; columns without any are left out
 * @param note what a person should know; else empty
 * @param place where the rows are
 */
public record ImputeReport(long rows, Map<String, Long> filled, String note, String place) {

  public ImputeReport {
    filled = Collections.unmodifiableMap(new LinkedHashMap<>(filled));
  }

  /** For a person. */
  public String summary() {
    String columns =
        filled.entrySet().stream()
            .map(cell -> String.format(Locale.ROOT, "%s %,d", cell.getKey(), cell.getValue()))
            .collect(Collectors.joining(", "));
    return String.format(Locale.ROOT, "%,d rows", rows)
        + "\ncells filled: "
        + (columns.isEmpty() ? "none" : columns)
        + (note.isEmpty() ? "" : "\nnote: " + note)
        + "\nrows: "
        + place;
  }

  /** Writes the fields to a manifest. */
  void putTo(ObjectNode json) {
    json.put("rows", rows);
    ObjectNode cells = json.putObject("filled");
    filled.forEach(cells::put);
    json.put("note", note);
  }

  /** The report in a manifest. */
  static ImputeReport of(ObjectNode json, String place) {
    Map<String, Long> filled = new LinkedHashMap<>();
    json.path("filled")
        .fields()
        .forEachRemaining(cell -> filled.put(cell.getKey(), cell.getValue().asLong()));
    return new ImputeReport(json.path("rows").asLong(), filled, json.path("note").asText(), place);
  }
}
