package dev.ancestral.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.model.Batch;
import dev.ancestral.model.EventSpec;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetTest {
  private static final EventSpec EVENT =
      new EventSpec(List.of(1), new EventSpec.Discrete(3), true, 0, List.of("a", "é", "\n"), 0);

  @TempDir Path folder;

  private final Storage storage = new Storage(new Configuration());

  @BeforeEach
  void write() {
    Batch batch =
        new Batch(EVENT, new long[] {0, 4}, new float[] {1, 0, 2, 1}, null, new int[] {1, 2});
    ShardEntry entry =
        ShardWriter.write(
            storage,
            storage.path(folder.toString()),
            "valid/shard-00000.parquet",
            EVENT,
            Example.of(batch));
    Map<String, DatasetManifest.Split> splits = new LinkedHashMap<>();
    splits.put("valid", new DatasetManifest.Split("abc", OptionalDouble.of(1.25), List.of(entry)));
    splits.put("train", new DatasetManifest.Split("def", OptionalDouble.empty(), List.of()));
    storage.commit(
        storage.path(folder.resolve("manifest.json").toString()),
        new DatasetManifest("letters", EVENT, splits).toJson());
  }

  @Test
  void manifest_comes_back_as_it_went() {
    DatasetManifest manifest = Dataset.open(storage, folder.toString()).manifest();
    assertEquals("letters", manifest.name());
    assertEquals(EVENT, manifest.event());
    assertEquals(List.of("valid", "train"), List.copyOf(manifest.splits().keySet()));
    assertEquals(OptionalDouble.of(1.25), manifest.splits().get("valid").entropyNats());
    assertEquals(OptionalDouble.empty(), manifest.splits().get("train").entropyNats());
    assertEquals(2, manifest.splits().get("valid").examples());
    assertEquals(5, manifest.nextId());
  }

  @Test
  void travels_and_reads_its_shards_there() throws IOException, ClassNotFoundException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(Dataset.open(storage, folder.toString()));
    }
    try (ObjectInputStream in =
        new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
      Dataset copy = (Dataset) in.readObject();
      assertEquals(EVENT, copy.event());
      assertArrayEquals(new long[] {0, 4}, copy.shard("valid", 0).ids());
    }
  }

  @Test
  void absent_dataset_and_split_are_named() {
    AncestralException noDataset =
        assertThrows(
            AncestralException.class, () -> Dataset.open(storage, folder.resolve("no").toString()));
    assertEquals(ErrorCode.DATA, noDataset.code());
    assertTrue(noDataset.getMessage().contains("manifest.json"), noDataset.getMessage());
    AncestralException noSplit =
        assertThrows(
            AncestralException.class, () -> Dataset.open(storage, folder.toString()).split("test"));
    assertEquals(ErrorCode.DATA, noSplit.code());
    assertTrue(noSplit.getMessage().contains("[valid, train]"), noSplit.getMessage());
  }

  @Test
  void edited_manifest_is_refused() throws IOException {
    Path file = folder.resolve("manifest.json");
    Files.writeString(file, Files.readString(file).replace("\"examples\" : 2", "\"examples\" : 3"));
    AncestralException refusal =
        assertThrows(AncestralException.class, () -> Dataset.open(storage, folder.toString()));
    assertEquals(ErrorCode.DATA, refusal.code());
    assertTrue(refusal.getMessage().contains("manifest.json is damaged"), refusal.getMessage());
  }
}
