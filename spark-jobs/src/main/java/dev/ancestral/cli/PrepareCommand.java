package dev.ancestral.cli;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.prepare.PrepareSpec;
import dev.ancestral.data.source.Sources;
import dev.ancestral.job.prepare.PrepareJob;
import dev.ancestral.job.spec.YamlDocument;
import dev.ancestral.spark.SparkApplication;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code prepare}: files become a dataset. */
@Command(
    name = "prepare",
    header = "Reads files and adds a split to a dataset directory.",
    description = {
      "",
      "A dataset has one manifest, one kind of example, and splits of Parquet shards. The first",
      "split fixes what an example is; a later one that does not fit is refused. An input that is",
      "damaged is named with file and position, and nothing is left half-written.",
      "",
      "Examples:",
      "  ancestral prepare --format synthetic --kind digits --count 20000 \\",
      "                    --split auto=0.8,0.1,0.1 --binarize threshold=127 --output data/digits",
      "  ancestral prepare --format idx --input train-images-idx3-ubyte.gz \\",
      "                    --labels train-labels-idx1-ubyte.gz --split train --output data/mnist",
      "  ancestral prepare --format table --input customers.csv --key customer_id \\",
      "                    --split auto=0.8,0.1,0.1 --output data/customers",
      "  ancestral prepare --format images --input photos/ --label-pattern '([a-z]+)_' \\",
      "                    --split auto=0.9,0.1 --output data/photos",
      "",
      "Writes: manifest.json, SPLIT/shard-00000.parquet ..., status.json. The same command again",
      "changes nothing.",
      ""
    },
    footerHeading = "%nExit statuses:%n",
    footer =
        "  0 done, 2 wrong options, 3 an input is missing, damaged or unfit, 4 examples do not fit"
            + "%n  the dataset, 5 cluster, 7 interrupted: run again",
    mixinStandardHelpOptions = true)
final class PrepareCommand implements Callable<Integer> {
  /** The names of the formats, for the help. */
  static final class Formats implements Iterable<String> {
    @Override
    public Iterator<String> iterator() {
      return Sources.names().iterator();
    }
  }

  // Formats whose options are those of Spark's reader.
  private static final Set<String> OF_SPARK = Set.of("table", "events");

  private final Console console;

  @Option(
      names = "--format",
      required = true,
      paramLabel = "F",
      completionCandidates = Formats.class,
      description =
          "One of ${COMPLETION-CANDIDATES}. How each is read (numbers, colour, sound), what is"
              + " refused, and formats of one's own (--jars): deploy/help/prepare.md.")
  private String format;

  @Option(
      names = "--input",
      arity = "1..*",
      paramLabel = "PATH",
      description = "Files, folders or patterns, in this order; synthetic has none.")
  private List<String> input;

  @Option(
      names = "--links",
      paramLabel = "RULE",
      description =
          "Symbolic links below a folder that lead out of it, or to a folder that they lie in:"
              + " inside refuses the former and passes over the latter (default), follow follows"
              + " the former, skip passes over both, refuse refuses both.")
  private String links;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "The dataset directory.")
  private String output;

  @Option(
      names = "--split",
      paramLabel = "S",
      description =
          "train, valid or test; auto=0.8,0.1,0.1 divides by a hash of the id, range=0.9,0.05,0.05"
              + " by position (default: train).")
  private String split;

  @Option(
      names = "--binarize",
      paramLabel = "RULE",
      description = "threshold=K (1 where the value is above K) or stochastic.")
  private String binarize;

  @Option(names = "--labels", paramLabel = "FILE", description = "idx: classes of the examples.")
  private List<String> labels;

  @Option(
      names = "--label-pattern",
      paramLabel = "REGEX",
      description = "images, wav: the first group in the file name is the label.")
  private String labelPattern;

  @Option(
      names = "--include",
      paramLabel = "REGEX",
      description = "images, wav: only files whose names match.")
  private String include;

  @Option(
      names = "--resize",
      paramLabel = "HxW",
      description = "images: scaled to so many rows and columns, by averaging areas.")
  private String resize;

  @Option(
      names = "--crop",
      paramLabel = "HxW",
      description = "images: the middle of so many rows and columns, after --resize.")
  private String crop;

  @Option(
      names = "--channel",
      paramLabel = "WHICH",
      description =
          "wav: what is read of files with more than one channel: left, right, a number from 1, or"
              + " mix, the mean of all (default: such files are refused).")
  private String channel;

  @Option(names = "--first", paramLabel = "N", description = "sequences: key of the first element.")
  private Integer first;

  @Option(names = "--size", paramLabel = "N", description = "sequences: elements of a step.")
  private Integer size;

  @Option(
      names = "--length",
      paramLabel = "T",
      description = "text: characters of a block (default: 256).")
  private Integer length;

  @Option(
      names = "--example",
      paramLabel = "WHAT",
      description =
          "text: what an example is: block (default), line or file. A line or file without any"
              + " character is no example.")
  private String example;

  @Option(
      names = "--end",
      paramLabel = "HOW",
      description =
          "text by line or file, synthetic markov: learned puts an end symbol behind each example,"
              + " so that a model learns lengths and its draws end by themselves (default: given).")
  private String end;

  @Option(
      names = "--columns",
      arity = "1..*",
      split = ",",
      paramLabel = "NAME",
      description =
          "table, events: the columns to be modelled, in this order (default: all others); a comma"
              + " separates two, so a name cannot have one.")
  private List<String> columns;

  @Option(
      names = "--input-format",
      paramLabel = "F",
      description =
          "table, events: csv, json, parquet, orc, avro, jdbc or what else Spark reads (default: by"
              + " the endings of the files, else parquet). This option, and each of the following"
              + " ones up to --vocabulary, makes rows of typed columns; without them a table of"
              + " numbers alone becomes vectors.")
  private String inputFormat;

  @Option(
      names = "--table",
      paramLabel = "NAME",
      description = "table, events: a table or view of Spark's catalog, in place of --input.")
  private String table;

  @Option(
      names = "--query",
      paramLabel = "SQL",
      description =
          "table, events: a query, in place of --input, or of its files as the view input.")
  private String query;

  @Option(
      names = "--column",
      paramLabel = "NAME=KIND",
      description =
          "table, events: what a column is, whatever its type says: category, integer, real, date,"
              + " timestamp or boolean.")
  private Map<String, String> column;

  @Option(
      names = "--drop",
      arity = "1..*",
      split = ",",
      paramLabel = "NAME",
      description = "table, events: columns that are left out.")
  private List<String> drop;

  @Option(
      names = "--key",
      arity = "1..*",
      split = ",",
      paramLabel = "NAME",
      description = "table: columns that are carried beside the rows and never modelled.")
  private List<String> key;

  @Option(
      names = "--group-by",
      arity = "1..*",
      split = ",",
      paramLabel = "NAME",
      description = "events: columns of which each combination of values is one sequence, its key.")
  private List<String> groupBy;

  @Option(
      names = "--order-by",
      arity = "1..*",
      split = ",",
      paramLabel = "NAME",
      description =
          "events: columns that the rows of a sequence are ordered by; those of one place come in"
              + " the order of their contents. Not modelled, unless --columns names them.")
  private List<String> orderBy;

  @Option(
      names = "--nulls",
      paramLabel = "RULE",
      description =
          "table, events: value (a null has a probability of its own; default) or missing (it is"
              + " integrated out).")
  private String nulls;

  @Option(
      names = "--rows",
      description = "table: rows of typed columns, though all of them are numbers.")
  private Boolean rows;

  @Option(
      names = "--vocabulary",
      paramLabel = "N",
      description =
          "table, events: most texts of a category; rarer ones are 'other' (default: 10000).")
  private Integer vocabulary;

  @Option(
      names = "--label",
      paramLabel = "NAME",
      description =
          "table: the column of the label. images: parent, for the name of the folder that a file"
              + " lies in.")
  private String label;

  @Option(
      names = "--levels",
      paramLabel = "N",
      description = "matrix, table, idx: values of an element (default: as many as there are).")
  private Integer levels;

  @Option(
      names = "--continuous",
      description =
          "table, idx: whole numbers are real numbers all the same. sequences: a step is a list of"
              + " --size real numbers (default: 1).")
  private Boolean continuous;

  @Option(
      names = "--missing",
      description =
          "matrix, table, sequences: elements may be missing. Of a row an empty field or ? is, of a"
              + " sequence a step null or a key \"64?\"; without this they are refused.")
  private Boolean missing;

  @Option(
      names = "--kind",
      paramLabel = "KIND",
      description = "synthetic: digits, or a small distribution of known entropy.")
  private String kind;

  @Option(names = "--count", paramLabel = "N", description = "synthetic: number of examples.")
  private Long count;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "Takes this many examples from the beginning of the input.")
  private Long limit;

  @Option(
      names = "--shard-size",
      paramLabel = "M",
      description = "Examples of a shard (default: 10000, fewer where they are large).")
  private Integer shardSize;

  @Option(
      names = "--seed",
      paramLabel = "S",
      description = "Of auto splits, stochastic binarization and synthetic data (default: 0).")
  private Long seed;

  @Option(
      names = "--option",
      paramLabel = "KEY=VALUE",
      description =
          "table, events: an option of Spark's reader, such as delimiter=; (of CSV also"
              + " decimalComma=true and nullValues=NA,?). Else one of a format of one's own;"
              + " numbers, true and false as in a spec.")
  private Map<String, String> options = Map.of();

  PrepareCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() {
    PrepareSpec spec = spec();
    try (SparkApplication application = SparkApplication.lazily("prepare")) {
      Dataset dataset = new PrepareJob(application, console.progress()).run(spec, output);
      dataset
          .manifest()
          .splits()
          .forEach(
              (name, content) ->
                  console.say(
                      String.format(
                          Locale.ROOT,
                          "%s/%s: %,d examples of %s in %,d shards",
                          output,
                          name,
                          content.examples(),
                          dataset.event().describe(),
                          content.shards().size())));
    }
    return 0;
  }

  private PrepareSpec spec() {
    OptionSettings values = new OptionSettings();
    values.put("format", format);
    values.put("input", input);
    values.put("links", links);
    values.put("split", split);
    values.put("binarize", binarize);
    values.put("labels", labels);
    values.put("labelPattern", labelPattern);
    values.put("include", include);
    values.put("resize", resize);
    values.put("crop", crop);
    values.put("channel", channel);
    values.put("first", first);
    values.put("size", size);
    values.put("length", length);
    values.put("example", example);
    values.put("end", end);
    values.put("columns", columns);
    values.put("label", label);
    values.put("inputFormat", inputFormat);
    values.put("table", table);
    values.put("query", query);
    values.put("column", column);
    values.put("drop", drop);
    values.put("key", key);
    values.put("groupBy", groupBy);
    values.put("orderBy", orderBy);
    values.put("nulls", nulls);
    values.put("rows", rows);
    values.put("vocabulary", vocabulary);
    values.put("levels", levels);
    values.put("continuous", continuous);
    values.put("missing", missing);
    values.put("kind", kind);
    values.put("count", count);
    values.put("limit", limit);
    values.put("shardSize", shardSize);
    values.put("seed", seed);
    if (OF_SPARK.contains(format)) {
      values.put("option", options.isEmpty() ? null : options);
    } else {
      options.forEach((name, value) -> values.put(name, YamlDocument.scalar(value)));
    }
    return values.read(
        name ->
            options.containsKey(name) ? "--option " + name : OptionSettings.name(name, "prepare"),
        PrepareSpec::read);
  }
}
