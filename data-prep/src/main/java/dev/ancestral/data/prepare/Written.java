package dev.ancestral.data.prepare;

import dev.ancestral.AncestralException;
import dev.ancestral.ErrorCode;
import dev.ancestral.data.DatasetManifest;
import dev.ancestral.data.ShardEntry;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the tasks wrote.
 *
 * @param entries shards by split, in their order
 * @param columns of the keys that are carried beside the examples
 * @param keyFiles files of keys by split, in the order of the shards
 */
record Written(
    Map<String, List<ShardEntry>> entries,
    List<DatasetManifest.KeyColumn> columns,
    Map<String, List<DatasetManifest.KeyFile>> keyFiles) {

  /**
   * Of the results of all tasks.
   *
   * @throws AncestralException (INTERRUPTED) if they are not all the examples that were counted
   */
  static Written of(
      ShardPlan plan,
      List<ShardTask.AllDone> partitions,
      List<DatasetManifest.KeyColumn> columns,
      long examples) {
    Map<Integer, ShardTask.Done> all = new TreeMap<>();
    for (ShardTask.AllDone partition : partitions) {
      partition.shards().forEach(done -> all.put(done.shard(), done));
    }
    long written = all.values().stream().mapToLong(done -> done.entry().examples()).sum();
    if (all.size() != plan.shards() || written != examples) {
      throw new AncestralException(
          ErrorCode.INTERRUPTED,
          "the input changed while it was read: "
              + examples
              + " examples were counted, "
              + written
              + " written; run the same command again");
    }
    Map<String, List<ShardEntry>> entries = new LinkedHashMap<>();
    Map<String, List<DatasetManifest.KeyFile>> keyFiles = new LinkedHashMap<>();
    all.forEach(
        (shard, done) -> {
          String split = plan.split(shard);
          entries.computeIfAbsent(split, name -> new ArrayList<>()).add(done.entry());
          if (done.keys() != null) {
            keyFiles.computeIfAbsent(split, name -> new ArrayList<>()).add(done.keys());
          }
        });
    return new Written(entries, columns, keyFiles);
  }

  /** The keys of a split. */
  DatasetManifest.Keys keys(String split) {
    return columns.isEmpty()
        ? DatasetManifest.Keys.NONE
        : new DatasetManifest.Keys(columns, keyFiles.get(split));
  }
}
