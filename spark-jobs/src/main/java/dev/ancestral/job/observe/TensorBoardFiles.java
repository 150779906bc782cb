package dev.ancestral.job.observe;

import com.fasterxml.jackson.databind.JsonNode;
import dev.ancestral.AncestralException;
import dev.ancestral.data.Storage;
import java.io.ByteArrayOutputStream;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * Event files below the run, as {@code tensorboard --logdir RUN/tensorboard} reads them.
 *
 * <p>No file is ever written twice, because object stores cannot append and TensorBoard does not go
 * back in a file: each holds the rounds since the one before, names the first and the last of them,
 * and comes after the earlier ones in the order of names, which is the order in which TensorBoard
 * goes through a folder. The names say what earlier attempts wrote.
 */
final class TensorBoardFiles implements TrainingObserver {
  static final String FOLDER = "tensorboard";

  private static final Pattern NAME =
      Pattern.compile("events\\.out\\.tfevents\\.(\\d+)-(\\d+)\\.ancestral");
  private static final long INTERVAL_NANOS = 30_000_000_000L;

  private final Storage storage;
  private final Path folder;
  private final Warning warning;
  private int written = -1;
  private long writtenAt;

  TensorBoardFiles(Storage storage, Path run, Warning warning) {
    this.storage = storage;
    this.folder = new Path(run, FOLDER);
    this.warning = warning;
  }

  @Override
  public void committed(List<JsonNode> lines, boolean last) {
    long now = System.nanoTime();
    if (!last && written >= 0 && now - writtenAt < INTERVAL_NANOS) {
      return;
    }
    try {
      if (written < 0) {
        written = alreadyWritten();
      }
      if (written < lines.size()) {
        write(lines.subList(written, lines.size()));
        written = lines.size();
        writtenAt = now;
      }
    } catch (AncestralException e) {
      warning.say("the event files for TensorBoard cannot be written: " + e.getMessage());
    }
  }

  private int alreadyWritten() {
    int rounds = 0;
    for (FileStatus file : storage.list(folder)) {
      Matcher name = NAME.matcher(file.getPath().getName());
      if (name.matches()) {
        rounds = Math.max(rounds, Integer.parseInt(name.group(2)));
      }
    }
    return rounds;
  }

  private void write(List<JsonNode> lines) {
    double wallTime = System.currentTimeMillis() / 1e3;
    for (JsonNode line : lines) {
      wallTime -= line.path("seconds").asDouble();
    }
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    content.writeBytes(TensorBoardRecord.version(wallTime));
    for (JsonNode line : lines) {
      wallTime += line.path("seconds").asDouble();
      content.writeBytes(TensorBoardRecord.scalars(wallTime, line));
    }
    String name =
        String.format(
            Locale.ROOT,
            "events.out.tfevents.%010d-%010d.ancestral",
            written + 1,
            written + lines.size());
    storage.commit(new Path(folder, name), content.toByteArray());
  }

  @Override
  public void finished() {}

  @Override
  public void failed(boolean resumable) {}
}
