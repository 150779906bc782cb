package dev.ancestral.data.prepare;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.config.Settings;
import dev.ancestral.data.source.Source;
import dev.ancestral.data.source.Sources;
import java.util.List;

/**
 * What is to be prepared.
 *
 * @param source the format with its options
 * @param inputs files, folders and patterns, in this order; none for a source that reads no files
 * @param split where the examples go
 * @param binarize what makes elements 0 or 1
 * @param limit takes this many examples from the beginning of the input; {@link Long#MAX_VALUE} for
 *     all
 * @param shardSize examples of a shard; 0 for 10,000, or fewer where they are large
 * @param seed of the division by {@code auto} and of stochastic binarization
 * @param links what becomes of symbolic links that lead out of an input folder
 */
public record PrepareSpec(
    Source source,
    List<String> inputs,
    SplitRule split,
    Binarization binarize,
    long limit,
    int shardSize,
    long seed,
    LinkRule links) {

  public PrepareSpec {
    inputs = List.copyOf(inputs);
    if (limit < 1 || shardSize < 0) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "limit is " + limit + " and shardSize is " + shardSize + "; they must be at least 1");
    }
  }

  /** One that refuses links out of an input folder. */
  public PrepareSpec(
      Source source,
      List<String> inputs,
      SplitRule split,
      Binarization binarize,
      long limit,
      int shardSize,
      long seed) {
    this(source, inputs, split, binarize, limit, shardSize, seed, LinkRule.INSIDE);
  }

  /** All examples of files, to one split. */
  public static PrepareSpec of(Source source, List<String> inputs, String split) {
    return new PrepareSpec(
        source, inputs, SplitRule.parse(split), new Binarization.None(), Long.MAX_VALUE, 0, 0);
  }

  /**
   * Reads an entry of a spec, or options of a command line under the same names: {@code format,
   * input, links, split, binarize, limit, shardSize, seed} and those of the format.
   *
   * <p>What is wrong is reported to the settings; the result is then of no use.
   */
  public static PrepareSpec read(Settings settings) {
    Source source = Sources.read(settings);
    List<String> inputs = settings.texts("input", source.readsFiles() ? null : List.of());
    if (!source.readsFiles() && !inputs.isEmpty()) {
      settings.wrong("input", inputs, "left out: " + source + " reads no files");
    }
    return new PrepareSpec(
        source,
        inputs,
        Sources.parsed(
            settings,
            "split",
            "train",
            SplitRule.ALLOWED,
            SplitRule::parse,
            new SplitRule.Named("train")),
        Sources.parsed(
            settings,
            "binarize",
            "none",
            Binarization.ALLOWED,
            Binarization::parse,
            new Binarization.None()),
        settings.integer("limit", Long.MAX_VALUE, 1, Long.MAX_VALUE),
        settings.count("shardSize", 0, 0, Integer.MAX_VALUE),
        settings.integer("seed", 0L, Long.MIN_VALUE, Long.MAX_VALUE),
        LinkRule.of(settings.text("links", "inside", "inside", "follow", "skip", "refuse")));
  }

  /**
   * Refuses what no reading of settings could: called before any work.
   *
   * @throws AncestralException (SPEC) if files are named for a source that reads none, or none for
   *     one that does
   */
  void check() {
    if (source.readsFiles() == inputs.isEmpty()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          source
              + (inputs.isEmpty()
                  ? " needs input: name files or folders"
                  : " reads no files, but input is " + inputs + ": leave it out"));
    }
  }

  /** Everything that the outcome depends on besides the inputs, as a text. */
  String fingerprint() {
    return String.join(
        "\n",
        "source " + source,
        "split " + split,
        "binarize " + binarize,
        "limit " + (limit == Long.MAX_VALUE ? "none" : limit),
        "shardSize " + shardSize,
        "seed " + seed,
        links == LinkRule.INSIDE ? "" : "links " + links + "\n");
  }
}
