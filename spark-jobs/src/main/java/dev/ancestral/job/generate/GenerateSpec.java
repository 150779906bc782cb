package dev.ancestral.job.generate;

import dev.ancestral.Refusal;
import dev.ancestral.model.Settings;
import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalInt;

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
 */
public record GenerateSpec(
    long count,
    long seed,
    OptionalInt shardSize,
    OptionalInt label,
    OptionalInt length,
    double temperature,
    Format format,
    boolean preview) {

  /** Most samples in a part. */
  public static final int MOST_IN_A_PART = 10_000_000;

  private static final int MOST_PARTS = 1_000_000;

  /** In what form samples are written. */
  public enum Format {
    /** The parts alone. */
    PARQUET,
    /** Beside the parts one picture a sample. */
    PNG,
    /** Beside the parts one sound a sample. */
    WAV,
    /** Beside the parts one text a sample. */
    TEXT;

    /** As it is written. */
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }

    private static String[] all() {
      return Arrays.stream(values()).map(Format::text).toArray(String[]::new);
    }
  }

  public GenerateSpec {
    within("count", count, 1, 1L << 40);
    if (shardSize.isPresent()) {
      within("shardSize", shardSize.getAsInt(), 1, MOST_IN_A_PART);
      requireFewParts(count, shardSize.getAsInt());
    }
    if (label.isPresent()) {
      within("label", label.getAsInt(), 0, Integer.MAX_VALUE);
    }
    if (length.isPresent()) {
      within("length", length.getAsInt(), 1, Integer.MAX_VALUE);
    }
    if (!(temperature > 0) || temperature > 1e6) {
      throw new Refusal(
          Refusal.Kind.SPEC,
          "temperature is " + temperature + "; it must be above 0 (1 draws from the model itself)");
    }
  }

  /** The driver holds a list of the parts. */
  static void requireFewParts(long count, int shardSize) {
    if (count / shardSize > MOST_PARTS) {
      throw new Refusal(
          Refusal.Kind.SPEC,
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
        Format.PARQUET,
        false);
  }

  /** The same with another seed. */
  public GenerateSpec withSeed(long other) {
    return new GenerateSpec(count, other, shardSize, label, length, temperature, format, preview);
  }

  /** Reads the section, reporting what is wrong to it. */
  public static GenerateSpec read(Settings generate, long seed) {
    return new GenerateSpec(
        generate.integer("count", 10_000L, 1, 1L << 40),
        generate.integer("seed", seed, Long.MIN_VALUE, Long.MAX_VALUE),
        optional(generate, "shardSize", 1, MOST_IN_A_PART),
        optional(generate, "label", 0, Integer.MAX_VALUE),
        optional(generate, "length", 1, Integer.MAX_VALUE),
        generate.number("temperature", 1.0, 1e-6, 1e6),
        Format.valueOf(generate.text("as", "parquet", Format.all()).toUpperCase(Locale.ROOT)),
        generate.flag("preview", false));
  }

  private static OptionalInt optional(Settings settings, String key, int least, int most) {
    int value = settings.count(key, -1, least, most);
    return value < 0 ? OptionalInt.empty() : OptionalInt.of(value);
  }

  private static void within(String what, long value, long least, long most) {
    if (value < least || value > most) {
      throw new Refusal(
          Refusal.Kind.SPEC,
          what + " is " + value + "; it must be a whole number from " + least + " to " + most);
    }
  }
}
