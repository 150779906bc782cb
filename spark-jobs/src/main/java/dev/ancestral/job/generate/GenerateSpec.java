package dev.ancestral.job.generate;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.Suggestion;
import dev.ancestral.config.Settings;
import dev.ancestral.job.generate.rows.LabelShares;
import dev.ancestral.job.generate.rows.TableOutput;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What is asked of a generation: the keys under {@code generate:} or the options of the command.
 *
 * @param count of samples
 * @param seed of all draws
 * @param shardSize samples in a part; empty for the default of the kind of model
 * @param label class to draw from, for conditional models
 * @param length steps, for sequences
 * @param temperature divides the logits of discrete draws
 * @param format in which the samples are written, beside the parts
 * @param preview whether a few samples are written for a person to look at
 * @param labelName the name of that class instead of its number, as the data have it
 * @param tasks that the work is divided into at most; empty for one for each part. No sample
 *     depends on it
 * @param rows what is asked of rows
 */
public record GenerateSpec(
    long count,
    long seed,
    OptionalInt shardSize,
    OptionalInt label,
    OptionalInt length,
    double temperature,
    String format,
    boolean preview,
    Optional<String> labelName,
    OptionalInt tasks,
    RowOptions rows) {

  /** Most samples in a part. */
  public static final int MOST_IN_A_PART = 10_000_000;

  private static final int MOST_NAMES_TOLD = 20;
  private static final Pattern NUMBER = Pattern.compile("[0-9]{1,9}");
  private static final String ALLOWED_LABEL = "a whole number from 0, or the name of a class";
  // A number that is none of a class.
  private static final Pattern NO_CLASS = Pattern.compile("-[0-9.]+|[0-9]*\\.[0-9]+|[0-9]{10,}");
  private static final int MOST_PARTS = 1_000_000;

  public GenerateSpec {
    within("count", count, 1, 1L << 40);
    if (shardSize.isPresent()) {
      within("shardSize", shardSize.getAsInt(), 1, MOST_IN_A_PART);
      requireFewParts(count, shardSize.getAsInt());
    }
    if (tasks.isPresent()) {
      within("tasks", tasks.getAsInt(), 1, MOST_PARTS);
    }
    if (label.isPresent()) {
      within("label", label.getAsInt(), 0, Integer.MAX_VALUE);
    }
    if (length.isPresent()) {
      within("length", length.getAsInt(), 1, Integer.MAX_VALUE);
    }
    if (!(temperature > 0) || temperature > 1e6) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "temperature is " + temperature + "; it must be above 0 (1 draws from the model itself)");
    }
    requireTogether(label.isPresent() || labelName.isPresent(), temperature, rows);
    if (rows.table().isPresent() && !format.equals(SampleFormat.TABLE)) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "samples are asked for as "
              + format
              + " with the output of a table ("
              + rows.table().get().describe()
              + "); add --as table, or leave the options of the table out");
    }
  }

  private static void requireTogether(boolean labelled, double temperature, RowOptions rows) {
    if (labelled && (rows.labels().isPresent() || rows.given().isPresent())) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "label is there with "
              + (rows.labels().isPresent() ? "labels" : "given")
              + "; draw from one class, from several in proportions, or given columns, and leave"
              + " the others out");
    }
    if (rows.given().isPresent() && temperature != 1) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "temperature is "
              + temperature
              + " with given columns, which are exact of the model itself alone; leave one out");
    }
  }

  /** One whose class, if any, is given by its number. */
  public GenerateSpec(
      long count,
      long seed,
      OptionalInt shardSize,
      OptionalInt label,
      OptionalInt length,
      double temperature,
      String format,
      boolean preview) {
    this(
        count,
        seed,
        shardSize,
        label,
        length,
        temperature,
        format,
        preview,
        Optional.empty(),
        OptionalInt.empty(),
        RowOptions.none());
  }

  /** The same that draws from a class, which is given by its number or by its name. */
  public GenerateSpec ofLabel(String numberOrName) {
    if (NO_CLASS.matcher(numberOrName).matches()) {
      throw new AncestralException(
          ErrorCode.SPEC, "label is " + numberOrName + "; it must be " + ALLOWED_LABEL);
    }
    boolean number = NUMBER.matcher(numberOrName).matches();
    return new GenerateSpec(
        count,
        seed,
        shardSize,
        number ? OptionalInt.of(Integer.parseInt(numberOrName)) : OptionalInt.empty(),
        length,
        temperature,
        format,
        preview,
        number ? Optional.empty() : Optional.of(numberOrName),
        tasks,
        rows);
  }

  /**
   * The same with the number of the class that is named.
   *
   * @param classNames of the model, by number; empty where its classes have none
   * @param classes how many it has
   * @throws AncestralException (SPEC) if there is no class of that name
   */
  GenerateSpec withNumber(List<String> classNames, int classes) {
    return labelName.isEmpty()
        ? this
        : ofLabel(String.valueOf(number("label", labelName.get(), classNames, classes)));
  }

  /**
   * The number of a class that is named.
   *
   * @param what names it, for the message
   * @throws AncestralException (SPEC) if there is no class of that name
   */
  private static int number(String what, String name, List<String> classNames, int classes) {
    int number = classNames.indexOf(name);
    if (number < 0) {
      throw new AncestralException(
          ErrorCode.SPEC,
          what
              + " is '"
              + name
              + "'; "
              + (classes == 0
                  ? "the model was trained on examples without labels: leave it out"
                  : classNames.isEmpty()
                      ? "the labels of this model have no names; they are the numbers 0 to "
                          + (classes - 1)
                          + ": choose one of these"
                      : "the labels of this model are "
                          + told(classNames)
                          + ": choose a name or a number"
                          + Suggestion.question(name, classNames)));
    }
    return number;
  }

  /**
   * How many samples of which class, if proportions are asked for.
   *
   * @param classNames of the model, by number; empty where its classes have none
   * @throws AncestralException (SPEC) if there is no such class, or one is named twice
   */
  Optional<LabelShares.Allocation> allocation(List<String> classNames, int classes) {
    if (rows.labels().isEmpty()) {
      return Optional.empty();
    }
    List<Integer> numbers = new ArrayList<>();
    for (String name : rows.labels().get().shares().keySet()) {
      boolean known = classNames.contains(name) || !NUMBER.matcher(name).matches();
      int number = known ? number("labels", name, classNames, classes) : Integer.parseInt(name);
      if (number >= classes || numbers.contains(number)) {
        throw new AncestralException(
            ErrorCode.SPEC,
            "labels has "
                + name
                + (classes == 0
                    ? "; the model was trained on examples without labels: leave it out"
                    : number >= classes
                        ? "; the model has labels 0 to " + (classes - 1) + ": choose one of these"
                        : "; name a class once"));
      }
      numbers.add(number);
    }
    return Optional.of(rows.labels().get().allocate(count, numbers, classes));
  }

  /** {@code 0 (blue), 1 (red)}. */
  private static String told(List<String> names) {
    String list =
        IntStream.range(0, Math.min(MOST_NAMES_TOLD, names.size()))
            .mapToObj(i -> i + " (" + names.get(i) + ")")
            .collect(Collectors.joining(", "));
    return names.size() > MOST_NAMES_TOLD ? list + ", ... " + names.size() + " in all" : list;
  }

  /** The same in so many tasks. */
  public GenerateSpec withTasks(OptionalInt most) {
    return new GenerateSpec(
        count, seed, shardSize, label, length, temperature, format, preview, labelName, most, rows);
  }

  /** The driver holds a list of the parts. */
  static void requireFewParts(long count, int shardSize) {
    if (count / shardSize > MOST_PARTS) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "count "
              + count
              + " in parts of "
              + shardSize
              + " gives more than a million parts; choose a larger shard size");
    }
  }

  /** The model itself, nothing else asked. */
  public static GenerateSpec plain(long count, long seed) {
    return new GenerateSpec(
        count,
        seed,
        OptionalInt.empty(),
        OptionalInt.empty(),
        OptionalInt.empty(),
        1,
        SampleFormat.PARQUET,
        false);
  }

  /** The same with another seed. */
  public GenerateSpec withSeed(long other) {
    return new GenerateSpec(
        count,
        other,
        shardSize,
        label,
        length,
        temperature,
        format,
        preview,
        labelName,
        tasks,
        rows);
  }

  /** The same with sequences of so many steps. */
  public GenerateSpec withLength(int steps) {
    return new GenerateSpec(
        count,
        seed,
        shardSize,
        label,
        OptionalInt.of(steps),
        temperature,
        format,
        preview,
        labelName,
        tasks,
        rows);
  }

  /** The same with what is asked of rows. */
  public GenerateSpec withRows(RowOptions options) {
    return new GenerateSpec(
        count,
        seed,
        shardSize,
        label,
        length,
        temperature,
        format,
        preview,
        labelName,
        tasks,
        options);
  }

  /** How rows are written, if they were asked for. */
  Optional<TableOutput> table() {
    return format.equals(SampleFormat.TABLE)
        ? Optional.of(rows.table().orElseGet(TableOutput::parquet))
        : Optional.empty();
  }

  /** Reads the section, reporting what is wrong to it. */
  public static GenerateSpec read(Settings generate, long seed) {
    String label = generate.text("label", "");
    GenerateSpec spec =
        new GenerateSpec(
            generate.integer("count", 10_000L, 1, 1L << 40),
            generate.integer("seed", seed, Long.MIN_VALUE, Long.MAX_VALUE),
            optional(generate, "shardSize", 1, MOST_IN_A_PART),
            OptionalInt.empty(),
            optional(generate, "length", 1, Integer.MAX_VALUE),
            generate.number("temperature", 1.0, 1e-6, 1e6),
            generate.text("as", SampleFormat.PARQUET, SampleFormat.names().toArray(String[]::new)),
            generate.flag("preview", false),
            Optional.empty(),
            optional(generate, "tasks", 1, MOST_PARTS),
            RowOptions.none());
    if (NO_CLASS.matcher(label).matches()) {
      generate.wrong("label", label, ALLOWED_LABEL);
      return spec;
    }
    RowOptions rows = RowOptions.read(generate);
    GenerateSpec labelled = label.isEmpty() ? spec : spec.ofLabel(label);
    return rows.equals(RowOptions.none()) ? labelled : labelled.withRows(rows);
  }

  private static OptionalInt optional(Settings settings, String key, int least, int most) {
    int value = settings.count(key, -1, least, most);
    return value < 0 ? OptionalInt.empty() : OptionalInt.of(value);
  }

  private static void within(String what, long value, long least, long most) {
    if (value < least || value > most) {
      throw new AncestralException(
          ErrorCode.SPEC,
          what + " is " + value + "; it must be a whole number from " + least + " to " + most);
    }
  }
}
