package dev.ancestral.job.train.em;

import dev.ancestral.data.Dataset;
import dev.ancestral.data.Shard;
import dev.ancestral.data.loader.MultisetHash;
import dev.ancestral.data.loader.ShardCache;
import dev.ancestral.data.transfer.JavaBytes;
import dev.ancestral.job.train.audit.EpochAuditEntry;
import dev.ancestral.job.train.spec.ModelConfig;
import dev.ancestral.model.Batch;
import dev.ancestral.model.StatisticsModel;
import dev.ancestral.model.dequantization.ModelledEvent;
import dev.ancestral.random.RandomKey;
import dev.ancestral.spark.LocalityRdd;
import dev.ancestral.tensor.NamedArrays;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.apache.spark.Partitioner;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/**
 * A pass over the training data: one Spark job that adds up the sufficient statistics of all
 * examples.
 *
 * <p>A task adds the statistics of {@value #SHARDS_PER_SUM} shards. The sums are merged by a tree
 * whose nodes have up to {@value #FAN_IN} children: on executors until at most that many are left,
 * and these on the driver. The shape of the tree and the order within a node follow from the number
 * of shards alone, so the result has the same bytes for any partitioning and any cluster, and
 * neither the driver nor a task holds more than {@value #FAN_IN} vectors of statistics.
 */
final class StatisticsPass {
  static final int SHARDS_PER_SUM = 8;
  static final int FAN_IN = 16;

  private static final int ROWS_AT_ONCE = 512;

  private final JavaSparkContext spark;
  private final Dataset dataset;
  private final ModelConfig config;
  private final StatisticsModel model;
  private final RandomKey dequantization;
  private final String jobGroup;
  private final int shards;
  private final int groups;
  private final Map<Integer, List<String>> hosts = new HashMap<>();

  /**
   * What a pass found.
   *
   * @param statistics of all examples
   * @param cellNats what the log densities exceed the nats of the stored examples by, summed over
   *     them (see {@link ModelledEvent#cellNats(Batch)})
   * @param taskSeconds time that the tasks took, summed over them
   * @param audit of every group of shards, in their order
   */
  record Totals(
      double[] statistics, double cellNats, double taskSeconds, List<EpochAuditEntry> audit)
      implements Serializable {

    private static Totals merged(StatisticsModel model, Iterable<Totals> inOrder) {
      double[] statistics = new double[model.statisticsSize()];
      double cellNats = 0;
      double seconds = 0;
      List<EpochAuditEntry> audit = new ArrayList<>();
      for (Totals part : inOrder) {
        model.merge(part.statistics, statistics);
        cellNats += part.cellNats;
        seconds += part.taskSeconds;
        audit.addAll(part.audit);
      }
      return new Totals(statistics, cellNats, seconds, audit);
    }
  }

  /**
   * Passes over the split {@code train}.
   *
   * @param seed of dequantization: an example has the same noise in every pass and restart, so that
   *     all passes see the same data and EM climbs
   */
  StatisticsPass(
      JavaSparkContext spark,
      Dataset dataset,
      ModelConfig config,
      StatisticsModel model,
      long seed,
      String jobGroup) {
    this.spark = spark;
    this.dataset = dataset;
    this.config = config;
    this.model = model;
    this.dequantization = RandomKey.of(seed).fold("train").fold("dequantize");
    this.jobGroup = jobGroup;
    this.shards = dataset.split("train").shards().size();
    this.groups = parents(shards, SHARDS_PER_SUM);
  }

  /** How many tasks of a pass run at a time. */
  int slots() {
    return Math.max(1, Math.min(groups, spark.defaultParallelism()));
  }

  /**
   * The statistics of all examples under these parameters.
   *
   * @param number of the pass, from 0, for the audit
   */
  Totals over(NamedArrays parameters, long number) {
    spark.setJobGroup(jobGroup, "train: pass " + (number + 1), false);
    Broadcast<byte[]> sent = spark.broadcast(EmTraining.bytes(parameters));
    try {
      List<Tuple2<Integer, byte[]>> nodes =
          new ArrayList<>(tree(leaves(sent, number), groups, config).collect());
      return merged(model, nodes);
    } finally {
      sent.destroy();
      spark.clearJobGroup();
    }
  }

  private JavaPairRDD<Integer, byte[]> leaves(Broadcast<byte[]> parameters, long number) {
    // What a task is sent: not this object, which holds the driver's context.
    Dataset data = dataset;
    ModelConfig made = config;
    RandomKey noise = dequantization;
    int end = shards;
    return LocalityRdd.indices(spark, groups, this::hosts)
        .mapToPair(
            group ->
                new Tuple2<>(
                    group,
                    JavaBytes.of(sum(data, made, noise, parameters.value(), group, end, number))));
  }

  /** Merges nodes on executors, {@link #FAN_IN} at a time, until the driver can take the rest. */
  private static JavaPairRDD<Integer, byte[]> tree(
      JavaPairRDD<Integer, byte[]> leaves, int count, ModelConfig config) {
    JavaPairRDD<Integer, byte[]> nodes = leaves;
    for (int width = count; width > FAN_IN; width = parents(width, FAN_IN)) {
      nodes =
          nodes
              .partitionBy(new ByParent(parents(width, FAN_IN)))
              .mapPartitionsToPair(
                  children -> {
                    List<Tuple2<Integer, byte[]>> all = new ArrayList<>();
                    children.forEachRemaining(all::add);
                    StatisticsModel model = (StatisticsModel) config.define();
                    return List.of(
                            new Tuple2<>(
                                TaskContext.getPartitionId(), JavaBytes.of(merged(model, all))))
                        .iterator();
                  });
    }
    return nodes;
  }

  private static Totals merged(StatisticsModel model, List<Tuple2<Integer, byte[]>> nodes) {
    nodes.sort(Comparator.comparingInt(Tuple2::_1));
    // One at a time: a node's vector is read when its turn comes.
    return Totals.merged(
        model,
        () -> nodes.stream().map(node -> JavaBytes.value(node._2(), Totals.class)).iterator());
  }

  private static int parents(int count, int fanIn) {
    return (count + fanIn - 1) / fanIn;
  }

  /** The hosts of a group's first shard: its others were written by the same task. */
  private List<String> hosts(int group) {
    return hosts.computeIfAbsent(
        group, unknown -> List.copyOf(dataset.hosts("train", group * SHARDS_PER_SUM).keySet()));
  }

  private static Totals sum(
      Dataset data,
      ModelConfig config,
      RandomKey dequantization,
      byte[] parameters,
      int group,
      int shards,
      long pass) {
    long started = System.nanoTime();
    StatisticsModel model = (StatisticsModel) config.define();
    ModelledEvent modelled = config.modelled();
    double cellNats = 0;
    NamedArrays arrays = EmTraining.arrays(parameters, "the broadcast parameters");
    double[] total = new double[model.statisticsSize()];
    String sha256 = data.sha256("train");
    MultisetHash used = MultisetHash.NONE;
    Map<Integer, MultisetHash> held = new TreeMap<>();
    int end = Math.min(shards, (group + 1) * SHARDS_PER_SUM);
    try (ShardCache.Lease lease = ShardCache.shared().lease(data, "train")) {
      for (int index = group * SHARDS_PER_SUM; index < end; index++) {
        lease.hold(Set.of(index), index + 1 < end ? Set.of(index + 1) : Set.of());
        Shard shard = ShardCache.shared().shard(data, "train", sha256, index);
        held.put(index, MultisetHash.of(shard.ids()));
        double[] statistics = new double[total.length];
        for (int from = 0; from < shard.size(); from += ROWS_AT_ONCE) {
          Batch batch = shard.batch(from, Math.min(shard.size(), from + ROWS_AT_ONCE));
          Batch seen = modelled.apply(batch, dequantization).requireOf(model.event());
          model.accumulate(arrays, seen, statistics);
          cellNats += modelled.cellNats(batch);
          used = used.plus(MultisetHash.of(batch.ids()));
        }
        model.merge(statistics, total);
      }
    }
    double seconds = (System.nanoTime() - started) / 1e9;
    // Shards in their order, rows in theirs: the order says nothing that the group does not.
    EpochAuditEntry audit = new EpochAuditEntry("", Map.of(pass, used), held);
    return new Totals(total, cellNats, seconds, List.of(audit));
  }

  /** Sends a node to the task that merges it with its neighbours. */
  private static final class ByParent extends Partitioner {
    private static final long serialVersionUID = 1L;

    private final int parents;

    private ByParent(int parents) {
      this.parents = parents;
    }

    @Override
    public int numPartitions() {
      return parents;
    }

    @Override
    public int getPartition(Object node) {
      return (Integer) node / FAN_IN;
    }
  }
}
