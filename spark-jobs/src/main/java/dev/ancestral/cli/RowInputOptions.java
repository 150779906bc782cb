package dev.ancestral.cli;

import dev.ancestral.Refusal;
import dev.ancestral.config.Settings;
import dev.ancestral.data.rows.RowInput;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Option;

/** The options that say which rows are read. */
final class RowInputOptions {
  @Option(
      names = "--input",
      arity = "1..*",
      paramLabel = "PATH",
      description = "Files, folders or patterns of rows.")
  private List<String> input;

  @Option(
      names = "--table",
      paramLabel = "NAME",
      description = "A table or view of the catalog instead of files.")
  private String table;

  @Option(
      names = "--query",
      paramLabel = "SQL",
      description = "The rows of a query instead of files.")
  private String query;

  @Option(
      names = "--input-format",
      paramLabel = "F",
      description =
          "csv, json, parquet, orc, avro, jdbc or another format that Spark reads (default: what"
              + " the endings of the files say).")
  private String inputFormat;

  @Option(
      names = "--option",
      paramLabel = "K=V",
      description = "An option of Spark's reader; may be repeated.")
  private Map<String, String> options = new LinkedHashMap<>();

  /** Whether rows are named at all. */
  boolean isGiven() {
    return input != null || table != null || query != null || inputFormat != null;
  }

  /**
   * The rows.
   *
   * @throws Refusal (SPEC) naming everything that is wrong
   */
  RowInput read() {
    Map<String, Object> values = new LinkedHashMap<>();
    put(values, "input", input);
    put(values, "table", table);
    put(values, "query", query);
    put(values, "inputFormat", inputFormat);
    values.put("option", options);
    Settings settings = new Settings("", values, RowInputOptions::option);
    RowInput rows = RowInput.read(settings);
    List<String> problems = settings.problems();
    if (!problems.isEmpty()) {
      throw new Refusal(Refusal.Kind.SPEC, String.join("\n", problems));
    }
    return rows;
  }

  private static void put(Map<String, Object> values, String key, Object value) {
    if (value != null) {
      values.put(key, value);
    }
  }

  private static String option(String key) {
    return key.isEmpty()
        ? "input"
        : "--"
            + key.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT).replaceFirst("\\..*", "");
  }
}
