package dev.ancestral.job.train.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.ancestral.data.Storage;
import dev.ancestral.job.train.audit.EpochAudit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsHistoryTest {
  private static final int SEGMENT = MetricsHistory.SEGMENT_LINES;

  @TempDir Path folder;

  private CheckpointStore store;

  @BeforeEach
  void open() {
    store = new CheckpointStore(new Storage(new Configuration()), folder.toString());
  }

  @Test
  void a_commit_costs_the_same_however_long_the_run() throws IOException {
    CheckpointManifest last = rounds(store.metrics(), 1, 3 * SEGMENT + 7);
    assertEquals(2, last.format());
    assertEquals(3, last.segments().size());
    assertEquals(7, last.metrics().size());
    List<JsonNode> lines = store.metrics(store.latest().orElseThrow()).lines();
    assertEquals(3 * SEGMENT + 7, lines.size());
    for (int i = 0; i < lines.size(); i++) {
      assertEquals(line(i + 1).toString(), lines.get(i).toString());
    }
    long early = size(SEGMENT - 1);
    rounds(store.metrics(last), last.round() + 1, 5 * SEGMENT - 1);
    assertTrue(size(5 * SEGMENT - 1) < 2 * early, "a segment is one entry, not 100 lines");
  }

  @Test
  void a_short_run_is_written_as_earlier_versions_read_it() throws IOException {
    CheckpointManifest last = rounds(store.metrics(), 1, SEGMENT - 1);
    assertEquals(1, last.format());
    assertFalse(Files.readString(manifest(last.round())).contains("segments"));
  }

  @Test
  void a_state_whose_metrics_are_damaged_is_not_whole() throws IOException {
    rounds(store.metrics(), 1, SEGMENT - 1);
    CheckpointManifest last = rounds(store.metrics(newest()), SEGMENT, SEGMENT + 3);
    Path file = checkpoints().resolve(last.segments().get(0).file());
    byte[] content = Files.readAllBytes(file);
    content[30] ^= 1;
    Files.write(file, content);
    assertEquals(SEGMENT - 1, store.latest().orElseThrow().round());
  }

  @Test
  void a_run_goes_back_to_its_last_commit() throws IOException {
    MetricsHistory history = store.metrics();
    CheckpointManifest committed = rounds(history, 1, SEGMENT + 3);
    for (int round = SEGMENT + 4; round <= 2 * SEGMENT + 1; round++) {
      history.add(line(-round)); // Rounds that are lost, with a segment that no commit lists.
    }
    history.seal();
    history.backTo(committed);
    assertEquals(committed.segments(), history.segments());
    assertEquals(committed.metrics(), history.recent());
    CheckpointManifest last = rounds(history, SEGMENT + 4, 2 * SEGMENT);
    List<JsonNode> lines = store.metrics(last).lines();
    for (int i = 0; i < lines.size(); i++) {
      assertEquals(line(i + 1).toString(), lines.get(i).toString());
    }
    assertEquals(2 * SEGMENT, lines.size());
  }

  @Test
  void segments_that_no_state_lists_are_removed() throws IOException {
    CheckpointManifest before = rounds(store.metrics(), 1, SEGMENT - 1);
    CheckpointManifest last = rounds(store.metrics(before), SEGMENT, SEGMENT);
    // Goes back to an earlier state and takes another course from there.
    CheckpointManifest other = rounds(store.metrics(before), SEGMENT, 2 * SEGMENT);
    store.prune(other, 1);
    List<String> kept =
        other.segments().stream().map(CheckpointManifest.MetricsSegment::file).sorted().toList();
    assertFalse(kept.contains(last.segments().get(0).file()));
    try (Stream<Path> files = Files.list(checkpoints())) {
      assertEquals(
          kept,
          files
              .map(file -> file.getFileName().toString())
              .filter(name -> name.startsWith("metrics-"))
              .sorted()
              .toList());
    }
  }

  private CheckpointManifest newest() {
    return store.newest().orElseThrow();
  }

  private CheckpointManifest rounds(MetricsHistory history, int from, int to) {
    CheckpointManifest manifest = null;
    for (int round = from; round <= to; round++) {
      history.add(line(round));
      history.seal();
      manifest =
          new CheckpointManifest(
              CheckpointManifest.format(history),
              round,
              round,
              "fingerprint",
              0,
              List.of(),
              List.of(),
              EpochAudit.begun(0, 1),
              List.of(),
              null,
              0,
              null,
              history.segments(),
              history.recent(),
              null);
      store.commit(manifest);
    }
    return manifest;
  }

  private static JsonNode line(int round) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("round", round)
        .put("train_nats", -80 - 1.0 / round)
        .put("seconds", 0.25 * round + 1e-9);
  }

  private long size(int round) throws IOException {
    return Files.size(manifest(round));
  }

  private Path manifest(int round) {
    return checkpoints().resolve(String.format("round-%06d.json", round));
  }

  private Path checkpoints() {
    return folder.resolve("checkpoints");
  }
}
