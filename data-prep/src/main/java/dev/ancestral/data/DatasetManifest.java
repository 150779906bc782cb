package dev.ancestral.data;

import dev.ancestral.model.EventSpec;
import java.util.List;
import java.util.Map;

/**
 * What a dataset directory holds, as its {@code manifest.json} says; only what it lists exists.
 *
 * @param name of the dataset
 * @param event what an example is, the same for every split
 * @param splits shards by split name
 */
public record DatasetManifest(String name, EventSpec event, Map<String, Split> splits) {

  /**
   * One split.
   *
   * @param inputs fingerprint of the command and inputs that made it: the same again is a no-op
   * @param shards in the order of their examples
   */
  public record Split(String inputs, List<ShardEntry> shards) {
    public Split {
      shards = List.copyOf(shards);
    }

    /** Number of examples. */
    public long examples() {
      return shards.stream().mapToLong(ShardEntry::examples).sum();
    }
  }

  /**
   * One Parquet file.
   *
   * @param file path relative to the dataset directory
   * @param firstId id of its first example
   * @param examples how many it holds
   * @param bytes length of the file
   * @param sha256 of the file, hexadecimal
   */
  public record ShardEntry(String file, long firstId, int examples, long bytes, String sha256) {}

  public DatasetManifest {
    splits = Map.copyOf(splits);
  }
}
