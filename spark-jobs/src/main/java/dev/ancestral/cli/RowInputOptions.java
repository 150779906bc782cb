package dev.ancestral.cli;

import dev.ancestral.AncestralException;
import dev.ancestral.data.rows.RowInput;
import java.util.LinkedHashMap;
import java.util.List;
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
   * @throws AncestralException (SPEC) naming everything that is wrong
   */
  RowInput read() {
    OptionSettings values = new OptionSettings();
    values.put("input", input);
    values.put("table", table);
    values.put("query", query);
    values.put("inputFormat", inputFormat);
    values.put("option", options);
    return values.read(key -> OptionSettings.name(key, "input"), RowInput::read);
  }
}
