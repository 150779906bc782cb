package dev.ancestral.data.source;

import dev.ancestral.data.Storage;
import dev.ancestral.model.EventSpec;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;

/** What a source reads with: its inputs, and tasks to pass over them. */
public interface SourceContext {

  /** Cuts a file into parts that may be read apart; runs on an executor. */
  @FunctionalInterface
  interface Cut extends Serializable {
    /**
     * The parts of a file.
     *
     * @param bytes about how many a part should have
     */
    List<Part> parts(Storage storage, InputFile file, long bytes);
  }

  /** Reaches the files. */
  Storage storage();

  /** Name of the split asked for, or empty where it is to be divided. */
  String split();

  /** What examples of the dataset are that is added to; empty where the first split fixes it. */
  default Optional<EventSpec> fixed() {
    return Optional.empty();
  }

  /** The inputs: arguments in the order given, files of a folder by name. */
  Partitions<InputFile> files();

  /**
   * The parts of all inputs, in their order.
   *
   * @param bytes about how many a part should have
   */
  Partitions<Part> parts(long bytes, Cut cut);

  /** The positions from 0 to a count, for a source that reads no files. */
  Partitions<Long> positions(long count);
}
