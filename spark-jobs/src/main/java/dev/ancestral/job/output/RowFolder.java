package dev.ancestral.job.output;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.SealedJson;
import dev.ancestral.data.Sha256;
import dev.ancestral.data.Storage;
import dev.ancestral.spark.SparkApplication;
import dev.ancestral.spark.TaskRunner;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/**
 * A folder of rows that Spark's readers can be given as it is: what belongs to the command lies in
 * {@value #CONTROL}, which they pass over.
 */
public final class RowFolder implements RowDestination {
  /** Folder of the manifest, the status and the claim of the command. */
  public static final String CONTROL = "_ancestral";

  private static final String MANIFEST = "manifest.json";
  private static final String BEGUN = "begun.json";
  private static final String CHECKPOINT = "checkpoint";
  private static final String FILES = "files";
  private static final Set<String> OF_SPARK =
      Set.of("_SUCCESS", "._SUCCESS.crc", "_temporary", "_spark_metadata", "_delta_log");

  private final SparkApplication application;
  private final Storage storage;
  private final RowOutput output;
  private final Path folder;

  /** The folder of an output. */
  public RowFolder(SparkApplication application, RowOutput output) {
    this.application = application;
    this.output = output;
    storage = application.storage();
    folder = storage.path(output.path().orElseThrow());
  }

  /** Where the status and the manifest of a folder of rows lie. */
  public Path control() {
    return new Path(folder, CONTROL);
  }

  @Override
  public Optional<ObjectNode> complete(String fingerprint, boolean overwrite) {
    Path file = new Path(control(), MANIFEST);
    if (!storage.exists(file)) {
      requireOwn();
      return Optional.empty();
    }
    ObjectNode manifest;
    try {
      manifest = SealedJson.open(storage.read(file, SealedJson.MOST_BYTES), file.toString());
    } catch (AncestralException damaged) {
      if (damaged.code() == ErrorCode.DATA) { // Cut short by a loss of power.
        return Optional.empty();
      }
      throw damaged;
    }
    if (manifest.path(FINGERPRINT).asText().equals(fingerprint)) {
      return isWhole(manifest) ? Optional.of(manifest) : Optional.empty();
    }
    if (overwrite) {
      return Optional.empty();
    }
    throw others();
  }

  private boolean isWhole(ObjectNode manifest) {
    for (JsonNode listed : manifest.path(FILES)) {
      Path file = new Path(folder, listed.path("file").asText());
      if (!storage.exists(file) || storage.status(file).getLen() != listed.path("bytes").asLong()) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void clear(String fingerprint) {
    requireOwn();
    storage.retract(new Path(control(), MANIFEST));
    for (FileStatus child : storage.list(folder)) {
      if (!child.getPath().getName().equals(CONTROL)) {
        storage.delete(child.getPath());
      }
    }
    storage.delete(checkpoint());
    ObjectNode begun = SealedJson.object();
    begun.put(FINGERPRINT, fingerprint);
    storage.commit(new Path(control(), BEGUN), SealedJson.seal(begun));
  }

  /**
   * Makes ready for a stream that goes on where an earlier one of the same inputs stopped.
   *
   * @param overwrite whether other rows are removed
   * @throws AncestralException (SPEC) if something else is there that may not be replaced
   */
  public void continueStream(String fingerprint, boolean overwrite) {
    Optional<String> begun = begun();
    if (begun.isEmpty() || (overwrite && !begun.get().equals(fingerprint))) {
      clear(fingerprint);
    } else if (!begun.get().equals(fingerprint)) {
      throw others();
    }
  }

  /** Where a stream keeps what it has read. */
  public Path checkpoint() {
    return new Path(control(), CHECKPOINT);
  }

  /** The inputs of what was last begun here. */
  private Optional<String> begun() {
    Path file = new Path(control(), BEGUN);
    if (!storage.exists(file)) {
      return Optional.empty();
    }
    return Optional.of(
        SealedJson.open(storage.read(file, SealedJson.MOST_BYTES), file.toString())
            .path(FINGERPRINT)
            .asText());
  }

  private AncestralException others() {
    return new AncestralException(
        ErrorCode.SPEC,
        folder
            + " holds rows of another command: another model, other inputs or other options; give"
            + " another --output, or replace them by --overwrite");
  }

  /** What a command has not begun to fill may hold nothing; after that, what Spark writes. */
  private void requireOwn() {
    boolean begun = storage.exists(new Path(control(), BEGUN));
    for (FileStatus child : storage.list(folder)) {
      String name = child.getPath().getName();
      boolean rows =
          OF_SPARK.contains(name)
              || name.startsWith("part-")
              || name.startsWith(".part-")
              || (child.isDirectory() && name.contains("="));
      if (!name.equals(CONTROL) && !(begun && rows)) {
        throw new AncestralException(
            ErrorCode.SPEC,
            folder
                + " holds "
                + name
                + ", which this command did not write; give an empty folder or a new one as"
                + " --output, or move it away");
      }
    }
  }

  @Override
  public void write(Dataset<Row> rows, List<String> files) {
    output.below(folder.toString()).write(rows);
  }

  @Override
  public void commit(ObjectNode manifest) {
    if (output.ofFiles()) {
      list(manifest.putArray(FILES));
    }
    storage.commit(new Path(control(), MANIFEST), SealedJson.seal(manifest));
  }

  private void list(ArrayNode into) {
    List<FileStatus> files = new ArrayList<>();
    collect(folder, files);
    ArrayList<String> paths = new ArrayList<>();
    files.forEach(file -> paths.add(file.getPath().toString()));
    List<String> hashes = new ArrayList<>(Collections.nCopies(paths.size(), ""));
    TaskRunner.run(
        application.context(), "hashing rows", paths, new HashTask(storage), hashes::set);
    for (int i = 0; i < paths.size(); i++) {
      String name =
          folder.toUri().relativize(files.get(i).getPath().toUri()).getPath(); // Below the folder.
      into.addObject()
          .put("file", name)
          .put("bytes", files.get(i).getLen())
          .put("sha256", hashes.get(i));
    }
  }

  private void collect(Path from, List<FileStatus> into) {
    for (FileStatus child : storage.list(from)) {
      String name = child.getPath().getName();
      if (child.isDirectory() && (!name.startsWith("_") || name.contains("="))) {
        collect(child.getPath(), into);
      } else if (child.isFile() && !name.startsWith("_") && !name.startsWith(".")) {
        into.add(child);
      }
    }
  }

  private record HashTask(Storage storage) implements TaskRunner.Work<String, String> {
    private static final long serialVersionUID = 1L;

    @Override
    public String on(String file) {
      return Sha256.of(storage, new Path(file));
    }
  }
}
