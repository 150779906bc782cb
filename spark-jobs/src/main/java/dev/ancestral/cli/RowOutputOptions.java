package dev.ancestral.cli;

import dev.ancestral.job.output.RowOutput;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that say where rows go. */
final class RowOutputOptions {
  @Option(
      names = "--output",
      paramLabel = "PATH",
      description = "Folder of the rows; status and manifest lie in PATH/_ancestral.")
  private String output;

  @Option(
      names = "--output-table",
      paramLabel = "NAME",
      description = "A table of the catalog instead of files.")
  private String table;

  @Option(
      names = "--as",
      paramLabel = "FORMAT",
      defaultValue = RowOutput.STANDARD_FORMAT,
      description = {
        "csv, json, parquet, orc, avro, delta or another format that Spark writes",
        "(default: ${DEFAULT-VALUE})."
      })
  private String format;

  @Option(
      names = "--output-option",
      paramLabel = "K=V",
      description = "An option of Spark's writer; may be repeated.")
  private Map<String, String> options = new LinkedHashMap<>();

  @Option(
      names = "--partition-by",
      split = ",",
      paramLabel = "A",
      description = "Columns whose values become folders, in this order; a comma separates two.")
  private List<String> partitionBy = List.of();

  @Option(
      names = "--overwrite",
      description = "Replaces the rows of another command in the output.")
  private boolean overwrite;

  boolean overwrite() {
    return overwrite;
  }

  /** Where the rows go. */
  RowOutput read() {
    return new RowOutput(
        Optional.ofNullable(output), Optional.ofNullable(table), format, options, partitionBy);
  }
}
