package dev.ancestral.ml;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.Storage;
import dev.ancestral.spark.SparkApplication;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;

/**
 * The folder in which stages of a session prepare and train. Two stages of one program do not write
 * to one place at once.
 *
 * @param root folder on a file system that all executors reach
 */
record Checkpoints(SparkSession session, Storage storage, Path root) {
  // Of this process, by application: a temporary folder is made once, and goes with the process.
  private static final Map<String, Path> TEMPORARY = new ConcurrentHashMap<>();
  private static final Map<String, Object> MONITORS = new ConcurrentHashMap<>();

  /**
   * The folder that is named, else one under the checkpoint directory of the Spark context, else a
   * temporary one.
   *
   * @param named may be empty
   * @throws AncestralException (SPEC) if there is none that all executors reach
   */
  static Checkpoints of(SparkSession session, String named) {
    JavaSparkContext spark = JavaSparkContext.fromSparkContext(session.sparkContext());
    Storage storage = new Storage(session.sparkContext().hadoopConfiguration());
    if (!named.isEmpty()) {
      return new Checkpoints(session, storage, storage.path(named));
    }
    if (spark.getCheckpointDir().isPresent()) {
      Path folder = new Path(storage.path(spark.getCheckpointDir().get()), "ancestral");
      return new Checkpoints(session, storage, folder);
    }
    if (!spark.isLocal()) {
      throw new AncestralException(
          ErrorCode.SPEC,
          "there is no folder for prepared rows and checkpoints that all executors reach; set"
              + " checkpointDirectory, or SparkContext.setCheckpointDir");
    }
    Path folder =
        TEMPORARY.computeIfAbsent(spark.sc().applicationId(), application -> temporary(storage));
    return new Checkpoints(session, storage, folder);
  }

  private static Path temporary(Storage storage) {
    try {
      Path folder = storage.path(Files.createTempDirectory("ancestral-").toUri().toString());
      storage.fileSystem(folder).deleteOnExit(folder);
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The session of the caller, which no job stops. */
  SparkApplication application() {
    return SparkApplication.of(session);
  }

  /** Whether a dataset was prepared in a place. */
  static boolean hasDataset(Storage storage, String place) {
    return storage.exists(new Path(storage.path(place), DatasetManifest.FILE));
  }

  /** A place in the folder. */
  String at(String name) {
    return new Path(root, name).toString();
  }

  /** What fills a place, held by one stage at a time. */
  Object monitor(String place) {
    return MONITORS.computeIfAbsent(place, all -> new Object());
  }
}
