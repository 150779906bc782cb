package dev.ancestral.job.generate.rows;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.job.output.Fingerprint;
import dev.ancestral.job.output.RowOutput;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * How samples are written as rows of a table.
 *
 * @param format as Spark's writers call it
 * @param options that are handed to Spark's writer
 * @param name of the table in the catalog, or empty for files below the output
 * @param withId whether the ids of the samples are the first column
 */
public record TableOutput(String format, Map<String, String> options, String name, boolean withId) {

  private static final Set<String> TEXTS = Set.of("csv", "json");
  private static final Pattern FORMAT = Pattern.compile("[A-Za-z][A-Za-z0-9._]*");
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_]+(\\.[A-Za-z0-9_]+){0,2}");

  public TableOutput {
    options = java.util.Collections.unmodifiableMap(new TreeMap<>(options));
    if (!FORMAT.matcher(format).matches()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "output format is '"
              + format
              + "'; it must be csv, json, parquet, orc, avro or another that Spark writes");
    }
    if (!name.isEmpty() && !NAME.matcher(name).matches()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "output table is '"
              + name
              + "'; it must be TABLE, DATABASE.TABLE or CATALOG.DATABASE.TABLE of letters, digits"
              + " and '_'");
    }
  }

  /** Parquet files below the output. */
  public static TableOutput parquet() {
    return new TableOutput("parquet", Map.of(), "", false);
  }

  /** Reads the keys of a section. */
  public static TableOutput read(Settings generate) {
    Map<String, String> options = new TreeMap<>();
    Settings given = generate.section("option");
    given.values().keySet().forEach(key -> options.put(key, given.text(key, "")));
    return new TableOutput(
        generate.text("outputFormat", "parquet"),
        options,
        generate.text("outputTable", ""),
        generate.flag("withId", false));
  }

  /** Whether there is a file for each part; else another program's format keeps its own. */
  public boolean ofFiles() {
    return name.isEmpty() && output("x").ofFiles();
  }

  /** The output of Spark's writer that puts the rows into a folder, or into the table. */
  public RowOutput output(String folder) {
    Map<String, String> all = new TreeMap<>(Map.of("maxRecordsPerFile", "0"));
    if (TEXTS.contains(format.toLowerCase(Locale.ROOT))) {
      // Otherwise bytes depend on where a machine stands.
      all.put("timeZone", "UTC");
    }
    if (format.equalsIgnoreCase("csv")) {
      // Otherwise texts lose what they begin and end with.
      all.put("ignoreLeadingWhiteSpace", "false");
      all.put("ignoreTrailingWhiteSpace", "false");
      if (!name.isEmpty()) {
        // The table tells its readers, who otherwise could not tell a null from an empty text.
        all.put("nullValue", "\\N");
      }
    }
    return new RowOutput(
        name.isEmpty() ? Optional.of(folder) : Optional.empty(),
        name.isEmpty() ? Optional.empty() : Optional.of(name),
        format,
        RowOutput.overlaid(all, options),
        List.of());
  }

  /** Of everything that the rows as written depend on, beside the samples. */
  public String fingerprint() {
    return Fingerprint.of(
        Map.of("format", format, "options", options, "name", name, "withId", withId));
  }

  /** For messages: {@code as csv in db.t}. */
  public String describe() {
    return format
        + (options.isEmpty() ? "" : " with " + options)
        + (name.isEmpty() ? "" : " in the table " + name)
        + (withId ? " with ids" : "");
  }
}
