package dev.ancestral.job.train.transport;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.loader.DistributedSampler;
import dev.ancestral.data.loader.ShardDataset;
import dev.ancestral.job.train.replica.TrainingContext;
import dev.ancestral.spark.TaskSlots;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The preferred host of each replica: the one that holds most of its examples, as long as executors
 * there have slots. A replica stays where it began, so its range is read from the same host's disks
 * in every epoch.
 */
public final class DataLocality {
  // Each is a question to the name node.
  private static final int MOST_QUESTIONS = 4096;

  private DataLocality() {}

  /** By replica a host, or empty where any will do; an empty list if that is true of all. */
  public static List<String> choose(JavaSparkContext spark, TrainingContext run) {
    if (spark.isLocal()) {
      return List.of();
    }
    return deal(bytes(run.dataset(), run.trainSplit(), run.shares()), TaskSlots.byHost(spark));
  }

  /** By replica, how many bytes of its examples lie on which host. */
  public static List<Map<String, Long>> bytes(
      Dataset dataset, String split, DistributedSampler shares) {
    ShardDataset examples = new ShardDataset(dataset, split);
    int most = Math.max(1, MOST_QUESTIONS / shares.replicas());
    List<Map<String, Long>> bytes = new ArrayList<>();
    for (int replica = 0; replica < shares.replicas(); replica++) {
      long start = shares.start(replica);
      DistributedSampler.Window range =
          new DistributedSampler.Window(start, start + shares.size(replica));
      List<Integer> shards = List.copyOf(examples.shardsOf(List.of(range)));
      Map<String, Long> own = new TreeMap<>();
      int stride = (shards.size() + most - 1) / most;
      for (int i = 0; i < shards.size(); i += stride) {
        dataset
            .hosts(split, shards.get(i))
            .forEach((host, count) -> own.merge(host, count, Long::sum));
      }
      bytes.add(own);
    }
    return bytes;
  }

  /**
   * Deals hosts to replicas, in their order, each the one with most of its bytes that has a slot
   * left.
   *
   * @param bytes by replica and host
   * @param slots by host
   */
  public static List<String> deal(List<Map<String, Long>> bytes, Map<String, Integer> slots) {
    Map<String, Integer> left = new HashMap<>(slots);
    List<String> homes = new ArrayList<>();
    for (Map<String, Long> own : bytes) {
      String best = "";
      for (Map.Entry<String, Long> host : new TreeMap<>(own).entrySet()) {
        boolean free = left.getOrDefault(host.getKey(), 0) > 0;
        if (free && (best.isEmpty() || host.getValue() > own.get(best))) {
          best = host.getKey();
        }
      }
      left.computeIfPresent(best, (host, count) -> count - 1);
      homes.add(best);
    }
    return homes.stream().allMatch(String::isEmpty) ? List.of() : homes;
  }
}
