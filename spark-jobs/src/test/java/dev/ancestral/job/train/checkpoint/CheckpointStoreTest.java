package dev.ancestral.job.train.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.SealedJson;
import dev.ancestral.data.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointStoreTest {
  @TempDir Path folder;

  private CheckpointStore store(String slice) throws IOException {
    Path checkpoints = Files.createDirectories(folder.resolve("checkpoints"));
    String manifest =
        "{\"format\": 1, \"round\": 1, \"step\": 1, \"spec\": \"\", \"stateSize\": 2, \"slices\": ["
            + slice
            + "], \"ledgers\": [], \"devices\": [], \"metrics\": []}";
    ObjectNode json = (ObjectNode) new ObjectMapper().readTree(manifest);
    Files.write(checkpoints.resolve("round-000001.json"), SealedJson.seal(json));
    return new CheckpointStore(new Storage(new Configuration()), folder.toString());
  }

  private static String slice(String file, long offset, long count, long bytes) {
    return "{\"replica\": -1, \"offset\": "
        + offset
        + ", \"count\": "
        + count
        + ", \"file\": \""
        + file
        + "\", \"bytes\": "
        + bytes
        + ", \"sha256\": \"\"}";
  }

  @ParameterizedTest
  @ValueSource(strings = {"../../secret", "/etc/passwd", "round/../../x", "hdfs://h/x", "", ".x"})
  void a_slice_outside_of_the_folder_is_refused(String file) throws IOException {
    CheckpointStore store = store(slice(file, 0, 2, 8));
    AncestralException refusal = assertThrows(AncestralException.class, store::newest);
    assertEquals(ErrorCode.DATA, refusal.code());
    assertTrue(refusal.getMessage().contains("file is '" + file + "'"), refusal.getMessage());
  }

  @Test
  void a_slice_has_the_length_of_its_elements() throws IOException {
    for (String slice :
        new String[] {
          slice("round/x", 0, 2, 80),
          slice("round/x", 0, -2, -8),
          slice("round/x", -1, 2, 8),
          slice("round/x", Long.MAX_VALUE, 2, 8)
        }) {
      CheckpointStore store = store(slice);
      AncestralException refusal = assertThrows(AncestralException.class, store::newest);
      assertTrue(refusal.getMessage().contains("round/x is listed with"), refusal.getMessage());
    }
    Files.createDirectories(folder.resolve("checkpoints/round"));
    Files.write(folder.resolve("checkpoints/round/x"), new byte[8]);
    assertEquals(1, store(slice("round/x", 0, 2, 8)).newest().orElseThrow().round());
  }
}
