package dev.ancestral.job.train.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.Storage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.fs.Path;

/**
 * The metrics of all rounds of a run, a line each, as {@code metrics.jsonl} shows them.
 *
 * <p>A checkpoint manifest holds at most the newest {@value #SEGMENT_LINES} − 1 lines itself. Older
 * ones lie in segments of {@value #SEGMENT_LINES} lines, files that are written once and that the
 * manifest lists with length and checksum: a commit costs the same in round 10 and in round
 * 100,000.
 */
public final class MetricsHistory {
  /** Lines of a segment. */
  public static final int SEGMENT_LINES = 100;

  private static final ObjectMapper JSON = new ObjectMapper();

  private final Storage storage;
  private final Path folder;
  private final List<JsonNode> lines = new ArrayList<>();
  private final List<CheckpointManifest.MetricsSegment> segments = new ArrayList<>();

  /**
   * That of a run that begins.
   *
   * @param folder of its checkpoints
   */
  MetricsHistory(Storage storage, Path folder) {
    this.storage = storage;
    this.folder = folder;
  }

  /**
   * Adds what a committed state knows.
   *
   * @throws AncestralException (DATA) if a segment is damaged
   */
  MetricsHistory after(CheckpointManifest manifest) {
    for (CheckpointManifest.MetricsSegment segment : manifest.segments()) {
      Path file = new Path(folder, segment.file());
      try {
        for (String line : new String(storage.read(file), StandardCharsets.UTF_8).split("\n")) {
          lines.add(JSON.readTree(line));
        }
      } catch (JsonProcessingException e) {
        throw new AncestralException(
            ErrorCode.DATA,
            file + " is not the metrics file that was written; begin anew with --restart",
            e);
      }
      segments.add(segment);
    }
    lines.addAll(manifest.metrics());
    return this;
  }

  /** Forgets the lines after an earlier state of this run, and segments that it does not list. */
  public void backTo(CheckpointManifest manifest) {
    segments.clear();
    segments.addAll(manifest.segments());
    lines.subList(sealed() + manifest.metrics().size(), lines.size()).clear();
  }

  /** Adds the line of a round. */
  public void add(JsonNode line) {
    lines.add(line);
  }

  /** All lines, in the order of the rounds. */
  public List<JsonNode> lines() {
    return Collections.unmodifiableList(lines);
  }

  /** Writes full segments, so that the next manifest can list them. */
  public void seal() {
    while (lines.size() - sealed() >= SEGMENT_LINES) {
      int from = sealed();
      StringBuilder text = new StringBuilder();
      lines.subList(from, from + SEGMENT_LINES).forEach(line -> text.append(line).append('\n'));
      // A name is never used twice: a run that goes back to an earlier state writes others.
      String file =
          String.format(
              "metrics-%06d-%s.jsonl",
              from + SEGMENT_LINES, UUID.randomUUID().toString().substring(0, 8));
      byte[] content = text.toString().getBytes(StandardCharsets.UTF_8);
      Storage.Written written = storage.write(new Path(folder, file), out -> out.write(content));
      segments.add(
          new CheckpointManifest.MetricsSegment(
              SEGMENT_LINES, file, written.bytes(), written.sha256()));
    }
  }

  /** The segments so far. */
  public List<CheckpointManifest.MetricsSegment> segments() {
    return List.copyOf(segments);
  }

  /** The lines that no segment holds. */
  public List<JsonNode> recent() {
    return List.copyOf(lines.subList(sealed(), lines.size()));
  }

  private int sealed() {
    return segments.stream().mapToInt(CheckpointManifest.MetricsSegment::lines).sum();
  }
}
