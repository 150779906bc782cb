package dev.ancestral.job.output;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.spark.SparkApplication;
import java.util.Optional;
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

  /**
   * The manifest of rows of the same inputs, if they are there and whole.
   *
   * @param overwrite whether other rows count as absent
   * @throws dev.ancestral.Refusal (SPEC) if something else is there that may not be replaced
   */
  Optional<ObjectNode> complete(String fingerprint, boolean overwrite);

  /**
   * Removes rows that do not count, or that are to be replaced, and notes that rows of these inputs
   * are being written.
   *
   * @throws dev.ancestral.Refusal (SPEC) if there is something that no command of this kind wrote
   */
  void clear(String fingerprint);

  /** Writes the rows, which count only after {@link #commit}. */
  void write(Dataset<Row> rows);

  /** Writes the manifest. */
  void commit(ObjectNode manifest);
}
