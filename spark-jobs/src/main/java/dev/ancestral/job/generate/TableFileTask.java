package dev.ancestral.job.generate;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.AncestralException;
import dev.ancestral.data.SealedJson;
import dev.ancestral.data.Sha256;
import dev.ancestral.data.Storage;
import dev.ancestral.spark.TaskRunner;
import java.io.InputStream;
import java.io.Serializable;
import org.apache.hadoop.fs.Path;

/**
 * Verifies the file of a table that belongs to a part, or puts the one that Spark has written in
 * its place, as whole and durable as any other file.
 *
 * @param records folder of what tasks leave beside their files
 */
record TableFileTask(Storage storage, String output, String records)
    implements TaskRunner.Work<TableFileTask.Order, TableFileTask.Done> {
  private static final long serialVersionUID = 1L;
  private static final String WRITTEN = "written";

  /**
   * What a task has to see to.
   *
   * @param part its name: {@code part-00007}
   * @param listed what the manifest says of the file, or null
   * @param written what Spark has written, to be put in its place; null to verify only
   */
  record Order(String part, Done listed, String written) implements Serializable {
    private static final long serialVersionUID = 1L;
  }

  /**
   * A file of the table.
   *
   * @param file below the output, or empty if there is none that is whole
   */
  record Done(String file, Storage.Written content) implements Serializable {
    private static final long serialVersionUID = 1L;

    boolean isThere() {
      return !file.isEmpty();
    }
  }

  @Override
  public Done on(Order order) {
    Path record = new Path(records, SampleFormat.TABLE + "-" + order.part() + ".json");
    if (order.written() == null) {
      Done known = order.listed() == null ? recorded(record) : order.listed();
      return known != null && isWhole(known) ? known : new Done("", new Storage.Written(0, ""));
    }
    Path from = new Path(order.written());
    String name = from.getName();
    int dot = name.indexOf('.');
    String file = SampleFormat.TABLE_FOLDER + order.part() + (dot < 0 ? "" : name.substring(dot));
    Storage.Written content =
        storage.write(
            new Path(output, file),
            out -> {
              try (InputStream in = storage.open(from)) {
                in.transferTo(out);
              }
            });
    ObjectNode json = SealedJson.object();
    json.putObject(WRITTEN)
        .put("file", file)
        .put("bytes", content.bytes())
        .put("sha256", content.sha256());
    storage.commit(record, SealedJson.seal(json));
    return new Done(file, content);
  }

  private boolean isWhole(Done known) {
    Path file = new Path(output, known.file());
    return storage.exists(file)
        && storage.status(file).getLen() == known.content().bytes()
        && Sha256.of(storage, file).equals(known.content().sha256());
  }

  /** What an attempt left that was killed later, or null if it cannot be trusted. */
  private Done recorded(Path record) {
    if (!storage.exists(record)) {
      return null;
    }
    try {
      JsonNode json = SealedJson.open(storage.read(record), record.toString()).path(WRITTEN);
      return new Done(
          json.path("file").asText(),
          new Storage.Written(json.path("bytes").asLong(), json.path("sha256").asText()));
    } catch (AncestralException damaged) {
      return null;
    }
  }
}
