package dev.ancestral.job.generate;

import dev.ancestral.data.Sha256;
import dev.ancestral.data.Shard;
import dev.ancestral.data.Storage;
import dev.ancestral.model.Batch;
import dev.ancestral.spark.TaskRunner;
import java.io.Serializable;
import java.security.MessageDigest;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * Writes the samples of a part one file each. What is reported of the folder is the total length
 * and the SHA-256 over the files in the order of their ids.
 */
record ExportTask(Storage storage, String output, SampleFormat format)
    implements TaskRunner.Work<ExportTask.Order, Storage.Written> {
  private static final long serialVersionUID = 1L;

  /**
   * What a task has to see to.
   *
   * @param folder below the output
   * @param listed what the manifest says of it, or null
   */
  record Order(MadePart part, String folder, Storage.Written listed) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  @Override
  public Storage.Written on(Order order) {
    Path folder = new Path(output, order.folder());
    Shard shard = Shard.read(storage, new Path(output), order.part().event(), order.part().entry());
    if (order.listed() != null && order.listed().equals(whatIsThere(folder, shard))) {
      return order.listed();
    }
    deleteOthers(folder, shard);
    MessageDigest digest = Sha256.digest();
    long bytes = 0;
    for (int row = 0; row < shard.size(); row++) {
      Batch one = shard.batch(row, row + 1);
      byte[] content = format.encode(one, 0);
      storage.add(file(folder, shard.id(row)), out -> out.write(content));
      digest.update(content);
      bytes += content.length;
    }
    storage.sync(folder);
    return new Storage.Written(bytes, Sha256.hex(digest));
  }

  /** Files of samples that an earlier generation, in larger parts, had in this folder. */
  private void deleteOthers(Path folder, Shard shard) {
    Set<String> own = new HashSet<>();
    for (int row = 0; row < shard.size(); row++) {
      own.add(file(folder, shard.id(row)).getName());
    }
    for (FileStatus status : storage.list(folder)) {
      if (!own.contains(status.getPath().getName())) {
        storage.delete(status.getPath());
      }
    }
  }

  private Storage.Written whatIsThere(Path folder, Shard shard) {
    MessageDigest digest = Sha256.digest();
    long bytes = 0;
    for (int row = 0; row < shard.size(); row++) {
      Path file = file(folder, shard.id(row));
      if (!storage.exists(file)) {
        return null;
      }
      byte[] content = storage.read(file);
      digest.update(content);
      bytes += content.length;
    }
    return new Storage.Written(bytes, Sha256.hex(digest));
  }

  private Path file(Path folder, long id) {
    return new Path(folder, String.format(Locale.ROOT, "%09d.%s", id, format.extension()));
  }
}
