package dev.ancestral.data.source;

import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.Example;
import dev.ancestral.data.Storage;
import dev.ancestral.model.EventSpec;
import java.io.Serializable;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Where examples come from: one implementation for each input format, which holds its options.
 *
 * <p>Preparing passes twice over an input. The first pass ({@link #survey}) counts the examples,
 * checks them and finds out what they are; the second ({@link Survey#extract}) delivers them. Both
 * run on the executors; positions are those of the input order (arguments in the order given, files
 * of a folder by name, examples in the order of the file) and depend on nothing else.
 *
 * <p>{@code toString} names the format and its options: it goes into the fingerprint of a split.
 */
public interface Source extends Serializable {

  /** Whether it reads files at all. */
  default boolean readsFiles() {
    return true;
  }

  /** Whether a file that lies in a folder is an input; one that the user names always is. */
  default boolean accepts(String fileName) {
    return true;
  }

  /** The versions of files that it reads besides its inputs, for the fingerprint of a split. */
  default String extraInputs(Storage storage) {
    return "";
  }

  /**
   * What the inputs hold that are no files, for the fingerprint of a split: a table or a query has
   * no version to go by.
   */
  default String contents(SourceContext context) {
    return "";
  }

  /**
   * The first pass.
   *
   * @throws dev.ancestral.AncestralException (DATA) if an input is missing, damaged or unfit; the
   *     message names file and position
   */
  Survey survey(SourceContext context);

  /** What the first pass found. */
  interface Survey {
    /** How many examples there are. */
    long examples();

    /** What they are, going by this input alone. */
    EventSpec event();

    /** Where the largest value stands, for messages. */
    String largestAt();

    /** Where a text has this character first, for messages. */
    default String characterAt(String character) {
      return "";
    }

    /** Names of the classes, where labels are names: label i has name i; else empty. */
    default List<String> classNames() {
      return List.of();
    }

    /** The column of a table that the labels are of; empty where there is none. */
    default String labelColumn() {
      return "";
    }

    /** Entropy of the distribution they are drawn from, in nats an example, where it is known. */
    default OptionalDouble entropyNats() {
      return OptionalDouble.empty();
    }

    /** What the parts of the input became, for the user; empty where the event says it all. */
    default String description() {
      return "";
    }

    /**
     * The second pass.
     *
     * @param event of the dataset, which holds the one found here
     */
    Extraction extract(EventSpec event);
  }

  /**
   * The examples of an input.
   *
   * @param examples in any partitions, each with runs of ascending positions; from 0 to the number
   *     of examples every position occurs once
   * @param decoder makes the stored example, on the executor that writes it
   * @param layout the event that its payloads are laid out for
   * @param keys what is carried beside each example and never modelled; empty for nothing
   */
  record Extraction(
      Partitions<RawExample> examples,
      Decoder decoder,
      EventSpec layout,
      List<DatasetManifest.KeyColumn> keys) {
    public Extraction {
      keys = List.copyOf(keys);
    }

    /** Examples that carry nothing beside them. */
    public Extraction(Partitions<RawExample> examples, Decoder decoder, EventSpec layout) {
      this(examples, decoder, layout, List.of());
    }
  }

  /**
   * An example on its way, which may still be the name of a file.
   *
   * @param position in the input order, from 0
   * @param data its payload, or what the decoder makes it from
   * @param label its class, or {@link Example#NONE}
   * @param length its steps, or {@link Example#NONE}
   */
  record RawExample(long position, byte[] data, int label, int length) {}

  /** Makes the stored example. */
  @FunctionalInterface
  interface Decoder extends Serializable {
    /** For data that are the payload already. */
    Decoder NONE = (id, raw) -> new Example(id, raw.data(), raw.label(), raw.length());

    /**
     * The example with this id.
     *
     * @throws dev.ancestral.AncestralException (DATA) if its file is damaged or unfit
     */
    Example decode(long id, RawExample raw);

    /** What is carried beside it: a JSON object of its keys; empty where there are none. */
    default String keys(RawExample raw) {
      return "";
    }
  }
}
