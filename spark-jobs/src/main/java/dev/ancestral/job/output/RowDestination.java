package dev.ancestral.job.output;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.job.status.ProgressListener;
import dev.ancestral.spark.SparkApplication;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A place that a command fills with rows once: what it made them of, and that they are all there,
 * stands in a manifest that is written last. Without one, rows are what an interrupted command
 * left, and are replaced.
 */
public sealed interface RowDestination permits RowFolder, RowTable {
  /** Field of the manifest: the hash of everything that the rows depend on. */
  String FINGERPRINT = "fingerprint";

  /** The destination of an output. */
  static RowDestination of(SparkApplication application, RowOutput output) {
    return output.table().isPresent()
        ? new RowTable(application, output)
        : new RowFolder(application, output);
  }

  /** What a command does in a destination; there is a session where there are files. */
  @FunctionalInterface
  interface Filling<R> {
    /** The report of the rows that are there in the end. */
    R fill(RowDestination destination, Optional<OutputSession> session);
  }

  /**
   * Fills the destination of an output.
   *
   * @param command its name
   * @param told what the status says of a report
   */
  static <R> R fill(
      SparkApplication application,
      RowOutput output,
      String command,
      ProgressListener progress,
      Filling<R> filling,
      Function<R, String> told) {
    RowDestination destination = of(application, output);
    return destination instanceof RowFolder folder
        ? OutputSession.fill(
            application.storage(),
            folder.control(),
            command,
            progress,
            session -> filling.fill(folder, Optional.of(session)),
            told)
        : filling.fill(destination, Optional.empty());
  }

  /**
   * The manifest of rows of the same inputs, if they are there and whole.
   *
   * @param overwrite whether other rows count as absent
   * @throws dev.ancestral.AncestralException (SPEC) if something else is there that may not be
   *     replaced
   */
  Optional<ObjectNode> complete(String fingerprint, boolean overwrite);

  /**
   * Removes rows that do not count, or that are to be replaced, and notes that rows of these inputs
   * are being written.
   *
   * @throws dev.ancestral.AncestralException (SPEC) if there is something that no command of this
   *     kind wrote
   */
  void clear(String fingerprint);

  /**
   * Writes the rows, which count only after {@link #commit}.
   *
   * @param files that the rows are made from, for their plan may not tell
   * @throws dev.ancestral.AncestralException (SPEC) if a table is to be replaced that is read
   */
  void write(Dataset<Row> rows, List<String> files);

  /** Writes the manifest. */
  void commit(ObjectNode manifest);
}
