package dev.ancestral.cli;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.job.generate.GenerateJob;
import dev.ancestral.job.generate.GenerateRequest;
import dev.ancestral.job.generate.GenerateSpec;
import dev.ancestral.job.generate.GenerationManifest;
import dev.ancestral.job.generate.KeyedGeneration;
import dev.ancestral.job.generate.RowOptions;
import dev.ancestral.job.generate.RunKey;
import dev.ancestral.job.generate.SampleFormat;
import dev.ancestral.job.generate.rows.Given;
import dev.ancestral.job.generate.rows.LabelShares;
import dev.ancestral.job.generate.rows.TableOutput;
import dev.ancestral.job.report.RunReport;
import dev.ancestral.spark.SparkApplication;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code generate}: samples. */
@Command(
    name = "generate",
    header = "Draws samples from a model.",
    description = {
      "",
      "Sample i depends on the model, the seed and i, and on nothing else: the same command gives",
      "the same bytes on any number of machines, and a larger --count continues a smaller one.",
      "",
      "Examples:",
      "  ancestral generate --model runs/vae --count 10000 --seed 7 --preview \\",
      "                     --output runs/vae-samples",
      "  ancestral generate --model models/current --count 10000 --seed 7 --output samples \\",
      "                     --run-key yesterday --catch-up 7",
      "  ancestral generate --model runs/customers --count 10000 --seed 7 --output drawn \\",
      "                     --as table --output-format csv --given \"country = 'DE'\"",
      "",
      "With a run key the samples go to DIR/KEY and the seed is derived from S and KEY, so that a",
      "schedule makes each key once: a finished one is left as it is, also when the model has",
      "changed since.",
      "",
      "Writes: part-00000.parquet ... (id, payload), manifest.json with their hashes, previews,",
      "table/ with --as table, status.json. Run again, the command verifies what is there and",
      "makes the rest.",
      ""
    },
    footerHeading = "%nExit statuses:%n",
    footer =
        "  0 done, 2 wrong options, 3 model missing or damaged, 4 the model cannot give such"
            + " samples,%n  5 cluster, 7 interrupted: run again",
    mixinStandardHelpOptions = true)
final class GenerateCommand implements Callable<Integer> {
  private final Console console;

  @Option(
      names = "--model",
      required = true,
      paramLabel = "RUN",
      description = "Directory of a run, or one with model.json and parameters.safetensors.")
  private String model;

  @Option(
      names = "--count",
      required = true,
      paramLabel = "N",
      description = "How many samples; their ids are 0 to N-1.")
  private long count;

  @Option(names = "--seed", required = true, paramLabel = "S", description = "Seed of all draws.")
  private long seed;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "Directory of the samples.")
  private String output;

  @Option(
      names = "--shard-size",
      paramLabel = "M",
      description = "Samples in a part (default: 10000; 1000 for autoregressive models).")
  private Integer shardSize;

  @Option(
      names = "--label",
      paramLabel = "L",
      description =
          "Class to draw from, for conditional models: its number, or its name where the data have"
              + " names (class_names in model.json).")
  private String label;

  @Option(
      names = "--length",
      paramLabel = "T",
      description =
          "Steps, for models of sequences; where ends are learned, the most steps of a draw that"
              + " does not end before (default then: 4096).")
  private Integer length;

  @Option(
      names = "--temperature",
      paramLabel = "t",
      defaultValue = "1",
      description = "Divides the logits of discrete draws; 1 is the model itself.")
  private double temperature;

  @Option(
      names = "--as",
      paramLabel = "FORMAT",
      defaultValue = SampleFormat.PARQUET,
      converter = FormatName.class,
      completionCandidates = FormatName.class,
      description = {
        "parquet (default): the parts alone; table: also rows with the names and types of the"
            + " data,",
        "in table/; ${bundle:formats}: also one file a sample, in folders",
        "${bundle:folders}."
      })
  private String format;

  @Option(
      names = "--output-format",
      paramLabel = "FORMAT",
      description =
          "With --as table: csv, json, parquet (default), orc, avro or another that Spark writes.")
  private String outputFormat;

  @Option(
      names = "--output-table",
      paramLabel = "NAME",
      description = "With --as table: a table of the catalog instead of files in table/.")
  private String outputTable;

  @Option(
      names = "--option",
      paramLabel = "K=V",
      description = "With --as table: an option of Spark's writer; may be given more than once.")
  private Map<String, String> options = Map.of();

  @Option(
      names = "--with-id",
      description = "With --as table: the ids of the samples as the first column.")
  private boolean withId;

  @Option(
      names = "--given",
      paramLabel = "SQL",
      description =
          "Values of columns, as \"country = 'DE' AND age IS NULL\": the others are drawn from"
              + " their distribution given these. Only models that know it exactly can.")
  private String given;

  @Option(
      names = "--labels",
      paramLabel = "NAME=SHARE,...",
      description =
          "Classes, by name or number, and their proportions among the samples, which they have"
              + " exactly, up to whole samples.")
  private String labels;

  @Option(
      names = "--tasks",
      paramLabel = "N",
      description =
          "Tasks that the work is divided into at most (default: one for each part). The samples do"
              + " not depend on it.")
  private Integer tasks;

  @Option(
      names = "--preview",
      description = "Also writes preview.png, preview.txt or preview-*.wav for a person.")
  private boolean preview;

  @Option(
      names = "--overwrite",
      description = "Replaces another generation that lies in the output.")
  private boolean overwrite;

  @Option(
      names = "--run-key",
      paramLabel = "KEY",
      description =
          "The run of a schedule: a date such as 2026-11-24, today or yesterday (UTC), or any other"
              + " name.")
  private String runKey;

  @Option(
      names = "--catch-up",
      paramLabel = "DAYS",
      description = "Also what is missing of that many days before KEY, the oldest first.")
  private Integer catchUp;

  private GenerateCommand(Console console) {
    this.console = console;
  }

  /** The command with the names of the formats at hand. */
  static CommandLine line(Console console) {
    CommandLine line = new CommandLine(new GenerateCommand(console));
    line.setResourceBundle(
        new HelpWords(
            Map.of(
                "formats",
                HelpWords.listed(List.copyOf(SampleFormat.byName().keySet())),
                "folders",
                HelpWords.listed(
                    SampleFormat.byName().values().stream()
                        .map(format -> format.extension() + "/")
                        .toList()))));
    return line;
  }

  /** The formats as they are written on the command line, in any case. */
  static final class FormatName implements ITypeConverter<String>, Iterable<String> {
    @Override
    public String convert(String value) {
      String name = value.toLowerCase(Locale.ROOT);
      if (!SampleFormat.names().contains(name)) {
        throw new TypeConversionException(
            "expected one of "
                + SampleFormat.names().stream().map(n -> n.toUpperCase(Locale.ROOT)).toList()
                + " (case-insensitive) but was '"
                + value
                + "'");
      }
      return name;
    }

    @Override
    public Iterator<String> iterator() {
      return SampleFormat.names().iterator();
    }
  }

  @Override
  public Integer call() {
    GenerateSpec spec =
        new GenerateSpec(
            count,
            seed,
            optional(shardSize),
            OptionalInt.empty(),
            optional(length),
            temperature,
            format,
            preview,
            Optional.empty(),
            optional(tasks),
            rows());
    GenerateRequest request =
        new GenerateRequest(model, label == null ? spec : spec.ofLabel(label), output, overwrite);
    if (runKey != null || catchUp != null) {
      return keyed(request);
    }
    try (SparkApplication application = SparkApplication.lazily("generate")) {
      GenerationManifest manifest = new GenerateJob(application, console.progress()).run(request);
      console.say(manifest.summary() + " in " + output);
      manifest.files().keySet().stream()
          .filter(file -> file.startsWith("preview"))
          .forEach(file -> console.say("preview: " + output + "/" + file));
      if (preview) {
        new RunReport(application.storage(), model)
            .update(RunReport.Beside.asBefore().withSamples(output))
            .ifPresent(console::say);
      }
    }
    return 0;
  }

  private RowOptions rows() {
    boolean table = outputFormat != null || outputTable != null || withId || !options.isEmpty();
    return new RowOptions(
        table
            ? Optional.of(
                new TableOutput(
                    outputFormat == null ? TableOutput.parquet().format() : outputFormat,
                    options,
                    outputTable == null ? "" : outputTable,
                    withId))
            : Optional.empty(),
        Optional.ofNullable(given).map(Given::parse),
        Optional.ofNullable(labels).map(LabelShares::parse));
  }

  private int keyed(GenerateRequest request) {
    if (runKey == null) {
      throw new AncestralException(
          ErrorCode.SPEC, "--catch-up counts days before --run-key; give that, too");
    }
    RunKey key = RunKey.of(runKey, LocalDate.now(ZoneOffset.UTC));
    List<RunKey> keys = key.withDaysBefore(catchUp == null ? 0 : catchUp);
    try (SparkApplication application = SparkApplication.lazily("generate")) {
      new KeyedGeneration(application, console.progress())
          .run(request, keys)
          .forEach(result -> console.say(result.summary()));
    }
    return 0;
  }

  private static OptionalInt optional(Integer value) {
    return value == null ? OptionalInt.empty() : OptionalInt.of(value);
  }
}
