package dev.ancestral.job.score;

import dev.ancestral.data.Storage;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;

/** Which files rows come from, with lengths and times, so that a change is seen. */
public final class InputVersions {
  private InputVersions() {}

  /** Of the files that Spark would read; none where the rows do not come from files. */
  public static List<String> of(Storage storage, Dataset<Row> rows) {
    List<String> versions = new ArrayList<>();
    for (String file : rows.inputFiles()) {
      FileStatus status = storage.status(new Path(URI.create(file)));
      versions.add(status.getPath() + " " + status.getLen() + " " + status.getModificationTime());
    }
    versions.sort(null);
    return versions;
  }
}
