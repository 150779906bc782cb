package dev.ancestral.job.train.checkpoint;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.data.Storage;
import dev.ancestral.job.observe.TrainingObserver;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.hadoop.fs.Path;

/** {@code metrics.jsonl}: a line for every round, written whole from what the commits hold. */
public final class MetricsFile {
  /** A long run is not rewritten after every short round. */
  private static final long INTERVAL_NANOS = 5_000_000_000L;

  private final Storage storage;
  private final Path path;
  private final TrainingObserver observer;
  private long written = Long.MIN_VALUE;

  /**
   * The file of a run.
   *
   * @param observer receives the lines after they were written
   */
  public MetricsFile(Storage storage, String directory, TrainingObserver observer) {
    this.observer = observer;
    this.storage = storage;
    this.path = new Path(storage.path(directory), "metrics.jsonl");
  }

  /** Writes the lines, unless they were written a moment ago and more will come. */
  public void write(List<JsonNode> lines, boolean now) {
    long time = System.nanoTime();
    if (!now && written != Long.MIN_VALUE && time - written < INTERVAL_NANOS) {
      return;
    }
    written = time;
    StringBuilder text = new StringBuilder();
    lines.forEach(line -> text.append(uniform(line)).append('\n'));
    storage.commit(path, text.toString().getBytes(StandardCharsets.UTF_8));
    observer.committed(lines, now);
  }

  /**
   * The same text for a number that was computed and for one that a commit has kept, which knows no
   * {@code 1.0}.
   */
  private static JsonNode uniform(JsonNode line) {
    ObjectNode uniform = line.deepCopy();
    line.fields()
        .forEachRemaining(
            field -> {
              double value = field.getValue().doubleValue();
              if (field.getValue().isFloatingPointNumber()) {
                if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
                  uniform.put(field.getKey(), (long) value);
                } else {
                  uniform.put(field.getKey(), value);
                }
              }
            });
    return uniform;
  }
}
